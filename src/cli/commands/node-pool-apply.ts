import { decodeHcl } from "#jobspec/decode-hcl.ts";
import { hasErrors } from "#model/diagnostic.ts";
import { nodePoolFile } from "#model/node-pool.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { tellOf, textOf } from "../file-text.ts";

export default command({
  usage: "<path>",
  help: 'Makes or changes the node pools of a file (- reads standard input): node_pool "name" { description = "…" }.',
  flags: nomadFlags,
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }) {
    const { filename, source } = await textOf(path);
    const { value, diagnostics } = decodeHcl(nodePoolFile, filename, source);
    tellOf(terminal, diagnostics, new Map([[filename, source]]));
    const pools = value?.NodePools ?? [];
    if (hasErrors(diagnostics) || pools.length === 0)
      throw new CommandError(`${filename} has no node pool; nothing was done`);
    const api = nomadApi(flags);
    for (const pool of pools) {
      await api.query("/v1/node/pools", { method: "PUT", body: pool, signal });
      terminal.print(`Successfully applied node pool "${pool.Name}"!`);
    }
    return 0;
  },
});
