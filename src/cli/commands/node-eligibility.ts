import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { resolveNode } from "../resolve-node.ts";

export default command({
  usage: "[node]",
  help: "Says whether new allocations may be placed on a node. What runs there goes on.",
  flags: {
    ...nomadFlags,
    enable: { kind: "boolean", doc: "New allocations may come." },
    disable: { kind: "boolean", doc: "None may come." },
    self: { kind: "boolean", doc: "The node of the agent that is asked." },
  },
  arity: [0, 1],
  async run({ flags, arguments: [name], terminal, signal }) {
    if (flags.enable === flags.disable) throw new CommandError("say either -enable or -disable");
    const api = nomadApi(flags);
    const id = await resolveNode(api, name, flags.self, signal);
    const Eligibility = flags.enable ? "eligible" : "ineligible";
    const body = { NodeID: id, Eligibility };
    await api.query(`/v1/node/${id}/eligibility`, { method: "PUT", body, signal });
    terminal.print(`Node "${id}" scheduling eligibility set: ${Eligibility} for scheduling`);
    return 0;
  },
});
