import { consulApi, consulFlags, json } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";

interface NodeView {
  readonly Node: string;
  readonly ID: string;
  readonly Address: string;
  readonly Datacenter: string;
}

export default command({
  usage: "",
  help: "Lists the nodes of the catalog: those of agents, and those that a registration named.",
  flags: {
    ...consulFlags,
    json,
    service: { kind: "text", value: "name", doc: "Only those with a service." },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const path = flags.service === undefined ? "nodes" : `service/${encodeURIComponent(flags.service)}`;
    const nodes = await consulApi(flags).get<NodeView[]>(`/v1/catalog/${path}`, { signal });
    const once = [...new Map(nodes.map((node) => [node.Node, node])).values()];
    if (flags.json) terminal.print(JSON.stringify(once, null, 2));
    else {
      const rows = once.map(({ Node, ID, Address, Datacenter }) => [
        Node,
        ID.slice(0, 8),
        Address,
        Datacenter,
      ]);
      terminal.print(...table(["Node", "ID", "Address", "DC"], rows));
    }
    return 0;
  },
});
