import type { AllocatedTaskResources, TaskState } from "#model/allocation.ts";
import { shortId } from "#model/id.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { resolveId } from "../resolve.ts";
import { properties, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { ago, timestamp } from "../time.ts";
import type { AllocationDetail, AllocationView, ProxyView } from "../views.ts";

export default command({
  usage: "[allocation]",
  help: "Shows an allocation: its ports, its proxies as the control plane sees them, its tasks and what happened to them. Without an id, all allocations.",
  flags: { ...nomadFlags, json, verbose, short: { kind: "boolean", doc: "Without the tasks' events." } },
  arity: [0, 1],
  async run({ flags, arguments: [name], terminal, signal }) {
    const api = nomadApi(flags);
    if (name === undefined) {
      const all = await api.get<AllocationView[]>("/v1/allocations", { query: { namespace: "*" }, signal });
      if (flags.json) terminal.print(JSON.stringify(all, null, 2));
      else terminal.print(...listing(all));
      return 0;
    }
    const id = await resolveId(api, "allocation", name, signal);
    const allocation = await api.get<AllocationDetail>(`/v1/allocation/${id}`, { signal });
    if (flags.json) terminal.print(JSON.stringify(allocation, null, 2));
    else terminal.print(...detail(terminal, allocation, flags));
    return 0;
  },
});

function listing(allocations: readonly AllocationView[]): string[] {
  if (allocations.length === 0) return ["No allocations"];
  const rows = allocations.map(({ ID, JobID, TaskGroup, DesiredStatus, ClientStatus, CreateTime }) => [
    shortId(ID),
    JobID,
    TaskGroup,
    DesiredStatus,
    ClientStatus,
    ago(CreateTime),
  ]);
  return table(["ID", "Job", "Task Group", "Desired", "Status", "Created"], rows);
}

function detail(
  terminal: Terminal,
  allocation: AllocationDetail,
  options: { readonly verbose: boolean; readonly short: boolean },
): string[] {
  const id = options.verbose ? (text: string) => text : shortId;
  const heading = (text: string) => ["", terminal.style("bold", text)];
  const { Shared } = allocation.AllocatedResources;
  return [
    ...properties([
      ["ID", id(allocation.ID)],
      ["Eval ID", id(allocation.EvalID)],
      ["Name", allocation.Name],
      ["Node ID", id(allocation.NodeID)],
      ["Node Name", allocation.NodeName],
      ["Job ID", allocation.JobID],
      ["Job Version", String(allocation.JobVersion)],
      ["Client Status", allocation.ClientStatus],
      ["Client Description", allocation.ClientDescription],
      ["Desired Status", allocation.DesiredStatus],
      ["Desired Description", allocation.DesiredDescription],
      ["Created", ago(allocation.CreateTime)],
      ["Modified", ago(allocation.ModifyTime)],
      ...(allocation.DeploymentID === "" ? [] : [["Deployment ID", id(allocation.DeploymentID)] as const]),
      ...(allocation.DeploymentID === "" ? [] : [["Deployment Health", health(allocation)] as const]),
      ...(allocation.NetworkStatus ? [["Namespace Address", allocation.NetworkStatus.Address] as const] : []),
    ]),
    ...(Shared.Ports.length === 0
      ? []
      : [
          ...heading("Allocation Addresses"),
          ...table(
            ["Label", "Address", "Inside"],
            Shared.Ports.map(({ Label, HostIP, Value, To }) => [Label, `${HostIP}:${Value}`, String(To)]),
          ),
        ]),
    ...(allocation.Proxies.length === 0 ? [] : [...heading("Proxies"), ...proxyTable(allocation.Proxies)]),
    ...allocation.Proxies.flatMap(({ Service, Rejection }) =>
      Rejection === null
        ? []
        : [
            terminal.style(
              "yellow",
              `The proxy of ${Service} rejected ${Rejection.kind} ${Rejection.names.join(", ")}, and keeps what it had: ${Rejection.message}`,
            ),
          ],
    ),
    ...Object.entries(allocation.TaskStates).flatMap(([task, state]) => [
      ...heading(`Task "${task}" is ${state.State}${state.Failed ? " (failed)" : ""}`),
      ...taskLines(state, allocation.AllocatedResources.Tasks[task], options.short),
    ]),
  ];
}

function health({ DeploymentStatus }: AllocationView): string {
  const healthy = DeploymentStatus?.Healthy ?? null;
  return healthy === null ? "unset" : healthy ? "healthy" : "unhealthy";
}

function proxyTable(proxies: readonly ProxyView[]): string[] {
  const rows = proxies.map(({ Service, Connected, Rejection, Upstreams }) => [
    Service,
    Connected ? (Rejection === null ? "in sync" : "rejected") : "not connected",
    Upstreams.map(({ DestinationName, LocalBindAddress, LocalBindPort, LocalBindSocketPath }) =>
      LocalBindSocketPath === ""
        ? `${DestinationName} at ${LocalBindAddress || "127.0.0.1"}:${LocalBindPort}`
        : `${DestinationName} at ${LocalBindSocketPath}`,
    ).join(", "),
  ]);
  return table(["Service", "Control Plane", "Upstreams"], rows);
}

function resourceLines({ Cpu, Memory }: AllocatedTaskResources): [string, string][] {
  const { ReservedCores, CpuShares } = Cpu;
  return [
    ["CPU", `${CpuShares} MHz`],
    ...(ReservedCores ? [["Reserved Cores", ReservedCores.join(", ")] as [string, string]] : []),
    ["Memory", `${Memory.MemoryMB} MiB`],
  ];
}

function taskLines(
  { StartedAt, FinishedAt, Restarts, Events }: TaskState,
  resources: AllocatedTaskResources | undefined,
  isShort: boolean,
): string[] {
  const at = (time: string | null) => (time === null ? "N/A" : timestamp(new Date(time)));
  const lines = properties([
    ["Started At", at(StartedAt)],
    ["Finished At", at(FinishedAt)],
    ["Total Restarts", String(Restarts)],
    ...(resources ? resourceLines(resources) : []),
  ]);
  if (isShort || Events.length === 0) return lines;
  const newestFirst = Events.toReversed();
  return [
    ...lines,
    "",
    "Recent Events:",
    ...table(
      ["Time", "Type", "Description"],
      newestFirst.map(({ Time, Type, DisplayMessage }) => [
        timestamp(new Date(Time / 1e6)),
        Type,
        DisplayMessage,
      ]),
    ),
  ];
}
