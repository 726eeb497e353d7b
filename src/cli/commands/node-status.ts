import { shortId } from "#model/id.ts";
import type { Node } from "#model/node.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { nodeTable } from "../node-table.ts";
import { resolveId } from "../resolve.ts";
import { properties, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { AllocationView } from "../views.ts";

export default command({
  usage: "[node]",
  help: "Lists the nodes, or shows one of them: its drivers, its room and what runs on it.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    self: { kind: "boolean", doc: "The node of the agent that is asked." },
  },
  arity: [0, 1],
  async run({ flags, arguments: [name], terminal, signal }) {
    const api = nomadApi(flags);
    if (name === undefined && !flags.self) {
      const nodes = await api.get<Node[]>("/v1/nodes", { signal });
      if (flags.json) terminal.print(JSON.stringify(nodes, null, 2));
      else terminal.print(...nodeTable(nodes));
      return 0;
    }
    const self = async () =>
      (await api.get<{ stats: { client: { node_id: string } } }>("/v1/agent/self", { signal })).stats.client
        .node_id;
    const id = name === undefined ? await self() : await resolveId(api, "node", name, signal);
    const node = await api.get<Node>(`/v1/node/${id}`, { signal });
    if (flags.json) {
      terminal.print(JSON.stringify(node, null, 2));
      return 0;
    }
    const allocations = await api.get<AllocationView[]>(`/v1/node/${id}/allocations`, { signal });
    terminal.print(...detail(terminal, node, allocations, flags.verbose));
    return 0;
  },
});

function detail(
  terminal: Terminal,
  node: Node,
  allocations: readonly AllocationView[],
  isVerbose: boolean,
): string[] {
  const heading = (text: string) => ["", terminal.style("bold", text)];
  const { Cpu, Memory, Disk } = node.NodeResources;
  const running = allocations.filter(
    ({ ClientStatus }) => ClientStatus === "running" || ClientStatus === "pending",
  );
  return [
    ...properties([
      ["ID", isVerbose ? node.ID : shortId(node.ID)],
      ["Name", node.Name],
      ["Node Pool", node.NodePool],
      ["DC", node.Datacenter],
      ["Address", node.Address],
      ["Status", node.Status],
      ["Eligibility", node.SchedulingEligibility],
      ["Drain", String(node.Drain)],
      ["CPU", `${Cpu.CpuShares} MHz`],
      ["Cores", `${Cpu.TotalCpuCores}, of which ${Cpu.ReservableCpuCores?.length ?? 0} can be reserved`],
      ["Memory", `${Memory.MemoryMB} MiB`],
      ["Disk", `${Disk.DiskMB} MiB`],
    ]),
    ...heading("Drivers"),
    ...table(
      ["Driver", "Healthy", "Description"],
      Object.entries(node.Drivers).map(([name, info]) => [
        name,
        String(info.Healthy),
        info.HealthDescription,
      ]),
    ),
    ...(isVerbose ? [...heading("Attributes"), ...properties(Object.entries(node.Attributes).sort())] : []),
    ...(isVerbose ? [...heading("Meta"), ...properties(Object.entries(node.Meta).sort())] : []),
    ...heading("Allocations"),
    ...(running.length === 0
      ? ["No allocations run here"]
      : table(
          ["ID", "Job", "Task Group", "Desired", "Status"],
          running.map(({ ID, JobID, TaskGroup, DesiredStatus, ClientStatus }) => [
            shortId(ID),
            JobID,
            TaskGroup,
            DesiredStatus,
            ClientStatus,
          ]),
        )),
  ];
}
