import type { AllocatedPort } from "#model/allocation.ts";
import { shortId } from "#model/id.ts";
import { type BoundUpstream, upstreamVariables } from "#model/job/bound-upstreams.ts";
import type { TaskGroup } from "#model/job/group.ts";
import { readProxyKind } from "#model/job/proxy-kind.ts";
import type { Task } from "#model/job/task.ts";
import type { TaskView } from "../drivers/driver.ts";
import { processorList } from "../host/processors.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { interpolateValues } from "./interpolation.ts";
import { proxyPages } from "./proxy-pages.ts";

/** The network of an allocation as its tasks see it; null in host mode. */
export interface InsideNetwork {
  readonly interface: string;
  readonly address: string;
}

export interface AllocationParts {
  readonly allocation: AssignedAllocation;
  readonly group: TaskGroup;
  readonly network: InsideNetwork | null;
  readonly upstreams: readonly BoundUpstream[];
  readonly datacenter: string;
}

export interface TaskParts extends AllocationParts {
  readonly task: Task;
  readonly view: TaskView;
  /** The control group that holds those of all tasks. */
  readonly controlGroup: string;
  /** `node.…`, `attr.…` and `meta.…`. */
  readonly node: Readonly<Record<string, string>>;
  /** The environment that the agent itself runs in. */
  readonly host: Readonly<Record<string, string | undefined>>;
  /** From templates that make environment variables. */
  readonly templates: Readonly<Record<string, string>>;
}

/** What holds for all tasks of an allocation, and for the services of its group. */
export function allocationEnvironment(parts: AllocationParts): Record<string, string> {
  return {
    ...cleaned({
      ...allocationVariables(parts),
      ...metaVariables({ ...parts.allocation.Job.Meta, ...parts.group.Meta }),
      ...portVariables(parts.allocation.AllocatedResources.Shared.Ports, parts.network),
      ...proxyVariables(parts),
    }),
    ...upstreamVariables(parts.upstreams),
  };
}

/** The environment of a task: what Nomad's users expect to find, and over it what the job sets. */
export function taskEnvironment(parts: TaskParts): Record<string, string> {
  const given = {
    ...hostVariables(parts.host),
    ...allocationEnvironment(parts),
    ...cleaned({
      ...folderVariables(parts.view),
      NOMAD_TASK_NAME: parts.task.Name,
      NOMAD_PARENT_CGROUP: parts.controlGroup,
      ...resourceVariables(parts),
      ...metaVariables(parts.task.Meta),
    }),
  };
  const own = interpolateValues(parts.task.Env, { environment: given, node: parts.node });
  return { ...given, ...cleaned(own), ...cleaned(parts.templates) };
}

function folderVariables({ alloc, local, secrets }: TaskView): Record<string, string> {
  return { NOMAD_ALLOC_DIR: alloc, NOMAD_TASK_DIR: local, NOMAD_SECRETS_DIR: secrets };
}

function allocationVariables({ allocation, group, datacenter }: AllocationParts) {
  const { Job: job } = allocation;
  return {
    NOMAD_ALLOC_ID: allocation.ID,
    NOMAD_SHORT_ALLOC_ID: shortId(allocation.ID),
    NOMAD_ALLOC_NAME: allocation.Name,
    NOMAD_ALLOC_INDEX: /\[(\d+)\]$/.exec(allocation.Name)?.[1] ?? "0",
    NOMAD_GROUP_NAME: group.Name,
    NOMAD_JOB_ID: job.ID,
    NOMAD_JOB_NAME: job.Name,
    ...(job.ParentID !== "" && { NOMAD_JOB_PARENT_ID: job.ParentID }),
    NOMAD_NAMESPACE: allocation.Namespace,
    NOMAD_REGION: job.Region,
    NOMAD_DC: datacenter,
  };
}

function resourceVariables({ allocation, task }: TaskParts): Record<string, string> {
  const resources = allocation.AllocatedResources.Tasks[task.Name];
  if (resources === undefined) return {};
  const { MemoryMB, MemoryMaxMB } = resources.Memory;
  return {
    NOMAD_CPU_LIMIT: String(resources.Cpu.CpuShares),
    ...(resources.Cpu.ReservedCores && { NOMAD_CPU_CORES: processorList(resources.Cpu.ReservedCores) }),
    NOMAD_MEMORY_LIMIT: String(MemoryMB),
    ...(MemoryMaxMB > 0 && { NOMAD_MEMORY_MAX_LIMIT: String(MemoryMaxMB) }),
  };
}

/** In capitals and as written. */
function metaVariables(meta: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(meta).flatMap(([key, value]) => [
    [`NOMAD_META_${key.toUpperCase()}`, value],
    [`NOMAD_META_${key}`, value],
  ]);
  return Object.fromEntries(entries);
}

function portVariables(
  ports: readonly AllocatedPort[],
  network: InsideNetwork | null,
): Record<string, string> {
  const each = ports.map(({ Label, Value, To, HostIP }) => {
    const inside = String(To > 0 ? To : Value);
    const values: Record<string, string> = {
      IP: HostIP,
      PORT: inside,
      ADDR: joined(HostIP, Value),
      HOST_IP: HostIP,
      HOST_PORT: String(Value),
      HOST_ADDR: joined(HostIP, Value),
      ALLOC_PORT: inside,
      ...(network !== null && {
        ALLOC_INTERFACE: network.interface,
        ALLOC_IP: network.address,
        ALLOC_ADDR: joined(network.address, inside),
      }),
    };
    return Object.fromEntries(
      Object.entries(values).map(([part, value]) => [`NOMAD_${part}_${Label}`, value]),
    );
  });
  return Object.assign({}, ...each);
}

function joined(address: string, port: number | string): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The pages of every proxy of the group: tasks may want to wait for one, or read its statistics. */
function proxyVariables({ allocation, group, network }: AllocationParts): Record<string, string> {
  const { Ports } = allocation.AllocatedResources.Shared;
  const entries = group.Tasks.flatMap((task) => {
    const proxy = readProxyKind(task.Kind);
    if (proxy === null) return [];
    const suffix = proxy.service.replaceAll(/\W/g, "_");
    const { admin, ready } = proxyPages(group, task, Ports, network === null);
    return [
      [`NOMAD_ENVOY_ADMIN_ADDR_${suffix}`, `${admin.address}:${admin.port}`],
      [`NOMAD_ENVOY_READY_ADDR_${suffix}`, `${ready.address}:${ready.port}`],
    ];
  });
  return Object.fromEntries(entries);
}

/** Names of variables that programs can rely on: letters, digits, `_` and `.`, as Nomad makes them. */
function cleaned(variables: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(variables).map(([name, value]) => [
    name.replaceAll(/[^A-Za-z0-9_.]|^\d/g, "_"),
    value,
  ]);
  return Object.fromEntries(entries);
}

/** Names of what belongs to the agent or could be a secret of it. */
const WITHHELD =
  /TOKEN|SECRET|PASSWORD|CREDENTIAL|LICENSE|PRIVATE|_KEY|^AWS_|^NODE_|^npm_|^NOMAD_|^CONSUL_|^VAULT_/i;
/** What describes the person or the place that the agent was started from. */
const PERSONAL: readonly string[] = [
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "PWD",
  "OLDPWD",
  "SHLVL",
  "TERM",
  "_",
];

function hostVariables(host: TaskParts["host"]): Record<string, string> {
  const entries = Object.entries(host).flatMap(([name, value]) =>
    value === undefined || WITHHELD.test(name) || PERSONAL.includes(name) ? [] : [[name, value]],
  );
  return Object.fromEntries(entries);
}
