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
  readonly Attributes: Readonly<Record<string, string>>;
  readonly Meta: Readonly<Record<string, string>>;
  readonly Drivers: Readonly<Record<string, DriverInfo>>;
  readonly NodeResources: NodeResources;
  readonly ReservedResources: NodeResources;
  readonly Status: "initializing" | "ready" | "down" | "disconnected";
  readonly StatusDescription: string;
  readonly SchedulingEligibility: "eligible" | "ineligible";
  readonly Drain: boolean;
  /** Seconds since 1970. */
  readonly StatusUpdatedAt: number;
}

export interface DriverInfo {
  readonly Detected: boolean;
  readonly Healthy: boolean;
  readonly HealthDescription: string;
}

export interface NodeResources {
  /** MHz. */
  readonly Cpu: { readonly CpuShares: number };
  readonly Memory: { readonly MemoryMB: number };
  readonly Disk: { readonly DiskMB: number };
  readonly MinDynamicPort: number;
  readonly MaxDynamicPort: number;
}
