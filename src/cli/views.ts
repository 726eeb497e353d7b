import type { Allocation } from "#model/allocation.ts";
import type { UpstreamRegistration } from "#model/catalog.ts";
import type { Job } from "#model/job/job.ts";

/** What the commands read of the API's answers, beyond the nouns themselves. */

export interface AllocationView extends Allocation {
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export interface AllocationDetail extends AllocationView {
  readonly Job: Job | null;
  readonly Proxies: readonly ProxyView[];
}

export interface ProxyView {
  readonly ID: string;
  readonly Kind: string;
  readonly Node: string;
  readonly AllocID: string;
  readonly Service: string;
  readonly Upstreams: readonly UpstreamRegistration[];
  readonly Connected: boolean;
  readonly Synced: boolean;
  /** When it connected or went; null for one that never was here. */
  readonly Since: string | null;
  readonly CertificateUntil: string | null;
  /** How many of each kind it should hold; empty while it is not connected. */
  readonly Resources: Readonly<Record<string, number>>;
  readonly Rejection: {
    readonly kind: string;
    readonly names: readonly string[];
    readonly message: string;
    /** Milliseconds since 1970. */
    readonly time: number;
  } | null;
}

export interface GroupSummaryView {
  readonly Queued: number;
  readonly Complete: number;
  readonly Failed: number;
  readonly Running: number;
  readonly Starting: number;
  readonly Lost: number;
}

export interface JobListing {
  readonly ID: string;
  readonly Type: string;
  readonly Priority: number;
  readonly Status: string;
  readonly Stop: boolean;
  readonly SubmitTime: number;
}

export interface ScalingPolicyView {
  readonly ID: string;
  readonly Enabled: boolean;
  readonly Type: string;
  readonly Target: { readonly Namespace: string; readonly Job: string; readonly Group: string };
  readonly Min: number;
  readonly Max: number;
  readonly Policy: unknown;
}
