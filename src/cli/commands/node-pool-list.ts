import type { NodePool } from "#model/node-pool.ts";
import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";

export default command({
  usage: "",
  help: "Lists the node pools.",
  flags: { ...nomadFlags, json },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const pools = await nomadApi(flags).get<NodePool[]>("/v1/node/pools", { signal });
    const rows = pools.map(({ Name, Description }) => [Name, Description || "<none>"]);
    if (flags.json) terminal.print(JSON.stringify(pools, null, 2));
    else terminal.print(...table(["Name", "Description"], rows));
    return 0;
  },
});
