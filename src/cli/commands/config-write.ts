import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "<path>",
  help: "Writes a config entry of the mesh from a file in HCL or JSON (- reads standard input).",
  flags: {
    ...consulFlags,
    cas: { kind: "boolean", doc: "Only if the entry is still at -modify-index." },
    "modify-index": {
      kind: "integer",
      value: "index",
      default: 0,
      doc: "The index for -cas; 0 for an entry that must be new.",
    },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }) {
    const source = path === "-" ? await text(process.stdin) : await readFile(path, "utf8");
    const entry = JSON.parse(source) as { Kind?: string; Name?: string };
    const query = { cas: flags.cas ? flags["modify-index"] : undefined };
    const { value } = await consulApi(flags).query("/v1/config", {
      method: "PUT",
      query,
      body: entry,
      signal,
    });
    if (value === false)
      throw new CommandError(`the entry is no longer at index ${flags["modify-index"]}: nothing was written`);
    terminal.print(`Config entry written: ${entry.Kind}/${entry.Name}`);
    return 0;
  },
});
