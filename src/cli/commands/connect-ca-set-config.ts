import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "",
  help: "Changes the authority that certifies every proxy. Where another key is asked for, a new root certificate follows the old one: traffic goes on, and the old root is trusted until its last certificate is over.",
  flags: {
    ...consulFlags,
    "config-file": {
      kind: "text",
      value: "path",
      doc: "The configuration as JSON (- reads standard input).",
    },
    "force-without-cross-signing": {
      kind: "boolean",
      doc: "Change the root although the old one does not vouch for the new one. Handshakes can fail until every proxy knows it.",
    },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const path = flags["config-file"];
    if (path === undefined) throw new CommandError("-config-file must be given");
    const written = await configurationIn(path);
    const body = {
      ...written,
      ...(flags["force-without-cross-signing"] && { ForceWithoutCrossSigning: true }),
    };
    await consulApi(flags).query("/v1/connect/ca/configuration", { method: "PUT", body, signal });
    terminal.print("Configuration updated!");
    return 0;
  },
});

async function configurationIn(path: string): Promise<object> {
  try {
    return JSON.parse(path === "-" ? await text(process.stdin) : await readFile(path, "utf8"));
  } catch (error) {
    throw new CommandError(`no configuration can be read from ${path}: ${(error as Error).message}`);
  }
}
