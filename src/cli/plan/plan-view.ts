import type { AllocationMetric } from "#model/evaluation.ts";
import type { JobDiff } from "#model/job/diff.ts";

/** What the commands read of the answer to a plan. */
export interface PlanView {
  readonly Annotations: { readonly DesiredTGUpdates: Readonly<Record<string, UpdatesView>> };
  readonly Diff: JobDiff | null;
  readonly FailedTGAllocs: Readonly<Record<string, AllocationMetric>> | null;
  readonly JobModifyIndex: number;
  readonly NextPeriodicLaunch: string;
  readonly Warnings: string;
  readonly Mesh: MeshView;
}

export interface UpdatesView {
  readonly Place: number;
  readonly Stop: number;
  readonly Migrate: number;
  readonly DestructiveUpdate: number;
  readonly Canary: number;
}

export interface MeshView {
  readonly Changes: readonly {
    readonly Type: "Added" | "Deleted" | "Edited";
    readonly Kind: string;
    readonly Name: string;
    readonly Old: string;
    readonly New: string;
  }[];
  readonly Warnings: readonly string[];
}
