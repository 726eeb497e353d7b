import type { AllocatedPort, AllocatedResources, Allocation } from "#model/allocation.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Node } from "#model/node.ts";

/** What the allocations on a node take of it. */
export interface Usage {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  readonly ports: ReadonlySet<number>;
}

export type Fit =
  | { readonly fits: true; readonly resources: AllocatedResources; readonly score: number }
  | { readonly fits: false; readonly dimension: string };

export function usageOf(resources: readonly AllocatedResources[]): Usage {
  const ports = new Set<number>();
  let [cpu, memory, disk] = [0, 0, 0];
  for (const { Tasks, Shared } of resources) {
    for (const { Cpu, Memory } of Object.values(Tasks)) {
      cpu += Cpu.CpuShares;
      memory += Memory.MemoryMB;
    }
    disk += Shared.DiskMB;
    for (const { Value } of Shared.Ports) ports.add(Value);
  }
  return { cpu, memory, disk, ports };
}

/** An allocation that has ended holds nothing any more. */
export function holdsResources({ ClientStatus, DesiredStatus }: Allocation): boolean {
  if (ClientStatus === "complete" || ClientStatus === "failed" || ClientStatus === "lost") return false;
  // Until its node says that it has ended, a stopped allocation still holds its ports and memory.
  return DesiredStatus === "run" || ClientStatus === "running" || ClientStatus === "pending";
}

/** Tries a group on a node: what it would be given there, or in which dimension there is no room. */
export function fit(node: Node, used: Usage, group: TaskGroup, random: () => number): Fit {
  const total = node.NodeResources;
  const reserved = node.ReservedResources;
  const wanted = needOf(group);
  const free = {
    cpu: total.Cpu.CpuShares - reserved.Cpu.CpuShares,
    memory: total.Memory.MemoryMB - reserved.Memory.MemoryMB,
    disk: total.Disk.DiskMB - reserved.Disk.DiskMB,
  };
  for (const dimension of ["cpu", "memory", "disk"] as const) {
    if (used[dimension] + wanted[dimension] > free[dimension]) return { fits: false, dimension };
  }
  const ports = assignPorts(node, used.ports, group, random);
  if (typeof ports === "string") return { fits: false, dimension: ports };
  return {
    fits: true,
    resources: resourcesOf(group, ports),
    score: tightness((used.cpu + wanted.cpu) / free.cpu, (used.memory + wanted.memory) / free.memory),
  };
}

/** How full a node would be, 0 to 18: the score by which Nomad packs its nodes (Google's BestFit v3). */
function tightness(cpu: number, memory: number): number {
  return 20 - (10 ** (1 - cpu) + 10 ** (1 - memory));
}

function needOf(group: TaskGroup) {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    cpu: sum(group.Tasks.map((task) => task.Resources.CPU)),
    memory: sum(group.Tasks.map((task) => task.Resources.MemoryMB)),
    disk: group.EphemeralDisk.SizeMB,
  };
}

function resourcesOf(group: TaskGroup, ports: readonly AllocatedPort[]): AllocatedResources {
  const tasks = group.Tasks.map(({ Name, Resources: { CPU, MemoryMB, MemoryMaxMB } }) => [
    Name,
    { Cpu: { CpuShares: CPU }, Memory: { MemoryMB, MemoryMaxMB: MemoryMaxMB ?? 0 } },
  ]);
  return {
    Tasks: Object.fromEntries(tasks),
    Shared: { DiskMB: group.EphemeralDisk.SizeMB, Networks: group.Networks, Ports: ports },
  };
}

/** The ports of the group on this node, or the name of the one that is taken. */
function assignPorts(
  node: Node,
  taken: ReadonlySet<number>,
  group: TaskGroup,
  random: () => number,
): AllocatedPort[] | string {
  const [network] = group.Networks;
  const given: AllocatedPort[] = [];
  const mine = new Set<number>();
  for (const { Label, Value, To } of network?.ReservedPorts ?? []) {
    if (taken.has(Value) || mine.has(Value)) return `network: reserved port collision ${Label}=${Value}`;
    mine.add(Value);
    given.push({ Label, Value, To: insidePort(To, Value), HostIP: node.Address });
  }
  for (const { Label, To } of network?.DynamicPorts ?? []) {
    const Value = freePort(node, (port) => taken.has(port) || mine.has(port), random);
    if (Value === null) return "network: no dynamic port is free";
    mine.add(Value);
    given.push({ Label, Value, To: insidePort(To, Value), HostIP: node.Address });
  }
  return given;
}

/** The port inside the namespace: 0 and -1 stand for the number on the host. */
function insidePort(to: number, value: number): number {
  return to > 0 ? to : value;
}

/** A random start spreads the ports, so that one that was just given up is not taken again at once. */
function freePort(node: Node, isTaken: (port: number) => boolean, random: () => number): number | null {
  const { MinDynamicPort: first, MaxDynamicPort: last } = node.NodeResources;
  const count = last - first + 1;
  const start = Math.floor(random() * count);
  for (let i = 0; i < count; i++) {
    const port = first + ((start + i) % count);
    if (!isTaken(port)) return port;
  }
  return null;
}
