import type { NodeId } from "./id.ts";

/** A machine that runs allocations. Field names are those of Nomad's API. */
export interface Node {
  readonly ID: NodeId;
  readonly Name: string;
  readonly Datacenter: string;
  readonly NodePool: string;
  readonly NodeClass: string;
  /** Where services on it are reached. */
  readonly Address: string;
  readonly HTTPAddr: string;
  /** Further addresses by the name under which a port asks for one as its `host_network`. */
  readonly HostNetworks: Readonly<Record<string, string>>;
  /** Folders of the host by the names under which jobs ask for them. */
  readonly HostVolumes: Readonly<Record<string, HostVolume>>;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly Meta: Readonly<Record<string, string>>;
  readonly Drivers: Readonly<Record<string, DriverInfo>>;
  readonly NodeResources: NodeResources;
  readonly ReservedResources: NodeResources;
  readonly Status: "initializing" | "ready" | "down" | "disconnected";
  readonly StatusDescription: string;
  readonly SchedulingEligibility: "eligible" | "ineligible";
  readonly Drain: boolean;
  /** Null while it is not drained. */
  readonly DrainStrategy: DrainStrategy | null;
  /** What became of its last drain. */
  readonly LastDrain: LastDrain | null;
  /** Seconds since 1970. */
  readonly StatusUpdatedAt: number;
}

export interface HostVolume {
  readonly Path: string;
  readonly ReadOnly: boolean;
}

/** How its allocations leave a node. */
export interface DrainStrategy {
  /** Nanoseconds; when it is over, what is left is stopped at once. 0 for never, negative for at once. */
  readonly Deadline: number;
  readonly IgnoreSystemJobs: boolean;
  /** RFC 3339; null without a deadline. */
  readonly ForceDeadline: string | null;
  readonly StartedAt: string;
}

export interface LastDrain {
  readonly StartedAt: string;
  readonly UpdatedAt: string;
  readonly Status: "draining" | "complete" | "canceled";
  readonly Meta: Readonly<Record<string, string>>;
}

export interface DriverInfo {
  readonly Detected: boolean;
  readonly Healthy: boolean;
  readonly HealthDescription: string;
}

export interface NodeCpu {
  /** MHz, of all cores together. */
  readonly CpuShares: number;
  readonly TotalCpuCores: number;
  /** The numbers of the cores that a task may have for itself; a node of an older version names none. */
  readonly ReservableCpuCores?: readonly number[];
}

export interface NodeResources {
  readonly Cpu: NodeCpu;
  readonly Memory: { readonly MemoryMB: number };
  readonly Disk: { readonly DiskMB: number };
  readonly MinDynamicPort: number;
  readonly MaxDynamicPort: number;
}
