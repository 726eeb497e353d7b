import type { Node } from "#model/node.ts";
import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { nodeTable } from "../node-table.ts";

export default command({
  usage: "<pool>",
  help: "Lists the nodes of a node pool.",
  flags: { ...nomadFlags, json },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const path = `/v1/node/pool/${encodeURIComponent(name)}/nodes`;
    const nodes = await nomadApi(flags).get<Node[]>(path, { signal });
    if (flags.json) terminal.print(JSON.stringify(nodes, null, 2));
    else terminal.print(...(nodes.length === 0 ? ["No nodes"] : nodeTable(nodes)));
    return 0;
  },
});
