import { isTerminal } from "#model/allocation.ts";
import type { Node } from "#model/node.ts";
import type { ApiClient } from "../api-client.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { fact } from "../fact.ts";
import { say } from "../monitor/evaluation.ts";
import { resolveNode } from "../resolve-node.ts";
import type { Terminal } from "../terminal.ts";
import type { AllocationView } from "../views.ts";

const HOUR = 3_600_000;
const NANOSECONDS = 1e6;

export default command({
  usage: "[node]",
  help: "Empties a node: its allocations move elsewhere, as their migrate blocks say, and no new ones come. Follows it until nothing is left.",
  flags: {
    ...nomadFlags,
    enable: { kind: "boolean", doc: "Begin to empty the node." },
    disable: { kind: "boolean", doc: "Stop it." },
    deadline: { kind: "duration", value: "duration", default: HOUR, doc: "When what is left is stopped." },
    force: { kind: "boolean", doc: "Everything goes at once." },
    "no-deadline": { kind: "boolean", doc: "However long it takes." },
    "ignore-system": { kind: "boolean", doc: "Allocations of system jobs stay." },
    "keep-ineligible": { kind: "boolean", doc: "With -disable: no new allocations come all the same." },
    m: { kind: "text", value: "message", doc: "A message for others to read." },
    meta: { kind: "texts", value: "key=value", doc: "A fact about the drain; may be given several times." },
    self: { kind: "boolean", doc: "The node of the agent that is asked." },
    detach: { kind: "boolean", doc: "Do not follow it." },
    monitor: { kind: "boolean", doc: "Only follow what goes on already." },
    yes: { kind: "boolean", doc: "Accepted for scripts; nothing is asked." },
  },
  arity: [0, 1],
  async run({ flags, arguments: [name], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveNode(api, name, flags.self, signal);
    if (!flags.monitor) {
      if (flags.enable === flags.disable) throw new CommandError("say either -enable or -disable");
      const deadline = flags.force ? -1 : flags["no-deadline"] ? 0 : flags.deadline * NANOSECONDS;
      const body = {
        NodeID: id,
        DrainSpec: flags.enable ? { Deadline: deadline, IgnoreSystemJobs: flags["ignore-system"] } : null,
        MarkEligible: flags.disable && !flags["keep-ineligible"],
        Meta: {
          ...Object.fromEntries(flags.meta.map((pair) => fact("meta", pair))),
          ...(flags.m ? { message: flags.m } : {}),
        },
      };
      await api.query(`/v1/node/${id}/drain`, { method: "PUT", body, signal });
      terminal.print(`Node "${id}" drain strategy ${flags.enable ? "set" : "unset"}`);
    }
    if (flags.disable || flags.detach) return 0;
    await follow(api, terminal, id, signal);
    return 0;
  },
});

async function follow(api: ApiClient, terminal: Terminal, id: string, signal: AbortSignal): Promise<void> {
  const told = new Set<string>();
  for (let index = 0; ; ) {
    const answer = await api.query<Node>(`/v1/node/${id}`, { query: { index, wait: "1s" }, signal });
    index = answer.index;
    const allocations = await api.get<AllocationView[]>(`/v1/node/${id}/allocations`, { signal });
    for (const { ID, JobID, DesiredStatus, ClientStatus } of allocations) {
      if (DesiredStatus === "run" && isTerminal(ClientStatus)) continue;
      const line = `Alloc "${ID}" of job "${JobID}" is ${DesiredStatus === "run" ? "to move" : ClientStatus}`;
      if (!told.has(line)) say(terminal, "   ", line);
      told.add(line);
    }
    const { Drain, LastDrain } = answer.value;
    if (Drain) continue;
    say(terminal, "==>", `Drain of node "${id}" is ${LastDrain?.Status ?? "over"}`);
    return;
  }
}
