import type { Constraint } from "#model/job/constraint.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import type { Machine } from "./cluster.ts";
import { describe, isAboutOneNode, isDistinct, meets } from "./constraint.ts";

type Judged = Pick<Machine, "node" | "profile">;

/** Which nodes may run a group, whatever room they have. Nodes of one profile are judged once. */
export class Feasibility {
  readonly #job: Job;
  readonly #group: TaskGroup;
  readonly #shared: readonly Constraint[];
  readonly #unique: readonly Constraint[];
  readonly #candidates = new Map<string, boolean>();
  readonly #obstacles = new Map<string, string | null>();

  constructor(job: Job, group: TaskGroup) {
    this.#job = job;
    this.#group = group;
    const all = [
      ...job.Constraints,
      ...group.Constraints,
      ...group.Tasks.flatMap((task) => task.Constraints),
    ].filter(({ Operand }) => !isDistinct(Operand));
    this.#shared = all.filter((constraint) => !isAboutOneNode(constraint));
    this.#unique = all.filter(isAboutOneNode);
  }

  /** Whether a node may be looked at for the job at all. */
  isCandidate({ node, profile }: Judged): boolean {
    if (node.Status !== "ready" || node.SchedulingEligibility !== "eligible" || node.Drain) return false;
    return remembered(this.#candidates, profile, () => isFor(node, this.#job));
  }

  /** Why a node cannot run the group; null when it can. */
  obstacle({ node, profile }: Judged): string | null {
    const common = remembered(this.#obstacles, profile, () => this.#commonObstacle(node));
    return common ?? unmet(node, this.#unique);
  }

  #commonObstacle(node: Node): string | null {
    return (
      missingDriver(node, this.#group) ??
      missingNetwork(node, this.#group) ??
      missingVolume(node, this.#group) ??
      missingDevice(this.#group) ??
      unmet(node, this.#shared)
    );
  }
}

function remembered<Value>(known: Map<string, Value>, profile: string, find: () => Value): Value {
  const before = known.get(profile);
  if (before !== undefined) return before;
  const value = find();
  known.set(profile, value);
  return value;
}

/** Whether the node's pool and datacenter are among the job's. */
export function isFor(node: Node, job: Job): boolean {
  return isInPool(node, job) && job.Datacenters.some((pattern) => matchesGlob(pattern, node.Datacenter));
}

export function isInPool(node: Node, job: Job): boolean {
  return job.NodePool === "all" || node.NodePool === job.NodePool;
}

function unmet(node: Node, constraints: readonly Constraint[]): string | null {
  const first = constraints.find((constraint) => !meets(node, constraint));
  return first === undefined ? null : describe(first);
}

function missingDriver(node: Node, { Tasks }: TaskGroup): string | null {
  const driver = Tasks.map((task) => task.Driver).find((name) => !node.Drivers[name]?.Healthy);
  if (driver === undefined) return null;
  const info = node.Drivers[driver];
  return info === undefined
    ? `missing drivers: ${driver} (known here: ${Object.keys(node.Drivers).join(", ")})`
    : `missing drivers: ${driver} (${info.HealthDescription})`;
}

/** Which of the volumes of single allocations is wanted is known only when one is placed. */
function missingVolume({ HostVolumes }: Node, { Volumes }: TaskGroup): string | null {
  const foreign = Object.values(Volumes).find(({ Type }) => Type !== "host");
  if (foreign !== undefined)
    return `missing CSI Volume "${foreign.Source}" (nodes here have host volumes, and no storage plugins)`;
  const names = Object.keys(HostVolumes);
  const missing = Object.values(Volumes).find(({ Source, PerAlloc }) =>
    PerAlloc ? !names.some((name) => name.startsWith(`${Source}[`)) : !names.includes(Source),
  );
  return missing === undefined ? null : `missing compatible host volumes: "${missing.Source}"`;
}

/** A task would start without what it cannot do without. */
function missingDevice({ Tasks }: TaskGroup): string | null {
  const device = Tasks.flatMap(({ Resources }) => Resources.Devices)[0];
  return device === undefined ? null : `missing devices: "${device.Name}" (nodes here know of no devices)`;
}

function missingNetwork(node: Node, { Networks: [network] }: TaskGroup): string | null {
  if (network === undefined) return null;
  if (network.Mode === "bridge" && node.Attributes["network.bridge"] !== "true") {
    return `missing network "bridge" (${node.Attributes["network.bridge.reason"] ?? "the node cannot make namespaces"})`;
  }
  const foreign = [...network.ReservedPorts, ...network.DynamicPorts].find(
    ({ HostNetwork }) => hostAddress(node, HostNetwork) === null,
  );
  return foreign === undefined
    ? null
    : `missing host network "${foreign.HostNetwork}" for port "${foreign.Label}"`;
}

/** The address of a node in one of its host networks. */
export function hostAddress(node: Node, network: string): string | null {
  if (network === "" || network === "default") return node.Address;
  return (Object.hasOwn(node.HostNetworks, network) && node.HostNetworks[network]) || null;
}

function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
