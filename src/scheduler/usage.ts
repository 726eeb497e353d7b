import type { AllocatedResources, Allocation } from "#model/allocation.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Node } from "#model/node.ts";

/** What is wanted of a node, or taken of it: MHz, whole cores, MB, MB. */
export interface Amounts {
  readonly cpu: number;
  readonly cores: number;
  readonly memory: number;
  readonly disk: number;
}

export const DIMENSIONS = ["cpu", "cores", "memory", "disk"] as const;

/** What the allocations on a node take of it. */
export class Usage implements Amounts {
  cpu = 0;
  memory = 0;
  disk = 0;
  /** How many hold each port, by {@link portKey}. More than one do only where the job says that they may. */
  readonly #ports: Map<string, number>;
  readonly #cores: Set<number>;

  constructor(ports: ReadonlyMap<string, number> = new Map(), cores: ReadonlySet<number> = new Set()) {
    this.#ports = new Map(ports);
    this.#cores = new Set(cores);
  }

  get cores(): number {
    return this.#cores.size;
  }

  copy(): Usage {
    const copy = new Usage(this.#ports, this.#cores);
    copy.cpu = this.cpu;
    copy.memory = this.memory;
    copy.disk = this.disk;
    return copy;
  }

  add(resources: AllocatedResources): void {
    this.#change(resources, 1);
  }

  subtract(resources: AllocatedResources): void {
    this.#change(resources, -1);
  }

  isTaken(address: string, port: number): boolean {
    return this.#ports.has(portKey(address, port));
  }

  isReserved(core: number): boolean {
    return this.#cores.has(core);
  }

  #change(resources: AllocatedResources, sign: 1 | -1): void {
    const { cpu, memory, disk } = amountsOf(resources);
    this.cpu += sign * cpu;
    this.memory += sign * memory;
    this.disk += sign * disk;
    for (const { HostIP, Value } of resources.Shared.Ports) {
      const key = portKey(HostIP, Value);
      const holders = (this.#ports.get(key) ?? 0) + sign;
      if (holders > 0) this.#ports.set(key, holders);
      else this.#ports.delete(key);
    }
    for (const core of coresOf(resources)) {
      if (sign > 0) this.#cores.add(core);
      else this.#cores.delete(core);
    }
  }
}

function portKey(address: string, port: number): string {
  return `${address}:${port}`;
}

export function amountsOf({ Tasks, Shared }: AllocatedResources): Amounts {
  let [cpu, memory] = [0, 0];
  for (const { Cpu, Memory } of Object.values(Tasks)) {
    cpu += Cpu.CpuShares;
    memory += Memory.MemoryMB;
  }
  return { cpu, cores: coresOf({ Tasks }).length, memory, disk: Shared.DiskMB };
}

export function coresOf({ Tasks }: Pick<AllocatedResources, "Tasks">): number[] {
  return Object.values(Tasks).flatMap(({ Cpu }) => Cpu.ReservedCores ?? []);
}

/** What allocations may take of a node in all. */
export function capacityOf({ NodeResources: total, ReservedResources: reserved }: Node): Amounts {
  return {
    cpu: total.Cpu.CpuShares - reserved.Cpu.CpuShares,
    cores: total.Cpu.ReservableCpuCores?.length ?? 0,
    memory: total.Memory.MemoryMB - reserved.Memory.MemoryMB,
    disk: total.Disk.DiskMB - reserved.Disk.DiskMB,
  };
}

/** Without the processor time of its {@link needOn cores}, which differs from node to node. */
export function needOf({ Tasks, EphemeralDisk }: TaskGroup): Amounts {
  let [cpu, cores, memory] = [0, 0, 0];
  for (const { Resources } of Tasks) {
    cpu += Resources.CPU;
    cores += Resources.Cores;
    memory += Resources.MemoryMB;
  }
  return { cpu, cores, memory, disk: EphemeralDisk.SizeMB };
}

export function needOn(node: Node, need: Amounts): Amounts {
  return need.cores === 0 ? need : { ...need, cpu: need.cpu + need.cores * coreShares(node) };
}

/** MHz of one core. */
export function coreShares({ NodeResources: { Cpu } }: Node): number {
  return Math.floor(Cpu.CpuShares / Math.max(1, Cpu.TotalCpuCores));
}

/** The first dimension in which there is no room; null when there is room in all. */
export function lackingDimension(capacity: Amounts, used: Amounts, need: Amounts): string | null {
  return DIMENSIONS.find((dimension) => used[dimension] + need[dimension] > capacity[dimension]) ?? null;
}

/** An allocation that has ended holds nothing any more. */
export function holdsResources({ ClientStatus, DesiredStatus }: Allocation): boolean {
  if (ClientStatus === "complete" || ClientStatus === "failed" || ClientStatus === "lost") return false;
  // Until its node says that it has ended, a stopped allocation still holds its ports and memory.
  return DesiredStatus === "run" || ClientStatus === "running" || ClientStatus === "pending";
}
