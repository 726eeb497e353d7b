import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { readRegistrations } from "../registration-file.ts";

export default command({
  usage: "[path ...]",
  help: "Takes away the services of files in HCL or JSON, or the one with the id, and the sidecars that came with them.",
  flags: {
    ...consulFlags,
    id: { kind: "text", value: "id", default: "", doc: "The service's id, in place of a file." },
  },
  arity: [0, Number.POSITIVE_INFINITY],
  async run({ flags, arguments: paths, terminal, signal }) {
    if ((flags.id === "") === (paths.length === 0)) throw new CommandError("give either files or -id");
    const files = await Promise.all(paths.map((path) => readRegistrations(path, terminal)));
    const ids = paths.length > 0 ? files.flat().map(({ ID, Name }) => ID || Name || "") : [flags.id];
    for (const id of ids) {
      const path = `/v1/agent/service/deregister/${encodeURIComponent(id)}`;
      await consulApi(flags).query(path, { method: "PUT", signal });
      terminal.print(`Deregistered service: ${id}`);
    }
    return 0;
  },
});
