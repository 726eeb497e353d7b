import type { Allocation } from "#model/allocation.ts";
import type { Deployment } from "#model/deployment.ts";
import type { Evaluation } from "#model/evaluation.ts";
import type { Job } from "#model/job/job.ts";
import type { JobSubmission } from "#model/job/submission.ts";
import type { KeyEntry } from "#model/key-entry.ts";
import type { NodePool } from "#model/node-pool.ts";
import type { ScalingEvents } from "#model/scaling-event.ts";
import type { SchedulerConfiguration } from "#model/scheduler-configuration.ts";
import type { Variable } from "#model/variable.ts";
import { keyOf, table } from "#state/table.ts";
import type { SigningKey } from "./identities/signing-key.ts";

/** The tables of the orchestrator. */

export { nodes } from "#mesh/tables.ts";

interface JobReference {
  readonly Namespace: string;
  readonly JobID: string;
}

const ofJob = ({ Namespace, JobID }: JobReference) => [keyOf(Namespace, JobID)];

/** By node: the port that was last given to a sidecar. Written with each, so that no two get the same. */
export const sidecarPorts = table<{ readonly Port: number }>("sidecar-ports");

/** The newest version of each job, by {@link jobKey}. */
export const jobs = table("jobs", {
  parent: ({ Namespace, ParentID }: Job) => (ParentID === "" ? [] : [keyOf(Namespace, ParentID)]),
  periodic: ({ Periodic }: Job) => (Periodic === null ? [] : ["yes"]),
});

/** Every version that is still remembered, by {@link versionKey}. */
export const jobVersions = table("job-versions", { job: ({ Namespace, ID }: Job) => [keyOf(Namespace, ID)] });

/** What versions of jobs were written as, by {@link versionKey}. */
export const submissions = table<JobSubmission>("job-submissions");

export const evaluations = table("evaluations", {
  job: (evaluation: Evaluation) => ofJob(evaluation),
  status: (evaluation: Evaluation) => [evaluation.Status],
  /** By job: those that wait for room. */
  blocked: (evaluation: Evaluation) => (evaluation.Status === "blocked" ? ofJob(evaluation) : []),
  /** By job: those that wait for their time. */
  waiting: (evaluation: Evaluation) =>
    evaluation.Status === "pending" && evaluation.WaitUntil > 0 ? ofJob(evaluation) : [],
});

export const allocations = table("allocations", {
  job: (allocation: Allocation) => ofJob(allocation),
  node: (allocation: Allocation) => [allocation.NodeID],
  deployment: (allocation: Allocation) => (allocation.DeploymentID === "" ? [] : [allocation.DeploymentID]),
  evaluation: (allocation: Allocation) => [allocation.EvalID],
});

export const deployments = table("deployments", {
  job: (deployment: Deployment) => ofJob(deployment),
  status: (deployment: Deployment) => [deployment.Status],
});

/** The last launch of each periodic job, in nanoseconds since 1970, by {@link jobKey}. */
export const launches = table<{
  readonly Namespace: string;
  readonly ID: string;
  readonly Launch: number;
}>("periodic-launches");

/** By {@link jobKey}. */
export const scalingEvents = table<ScalingEvents>("scaling-events");

/** One row, written with every config entry, so that each is checked against all that were written before it. */
export const configWrites = table<{ readonly Kind: string; readonly Name: string }>("config-writes");
export const CONFIG_WRITES_KEY = "last";

/** One row, once the configuration was written. */
export const schedulerConfigurations = table<SchedulerConfiguration>("scheduler-configuration");
export const SCHEDULER_CONFIGURATION_KEY = "scheduler";

export const keys = table<KeyEntry>("keys");

/** By id: the keyring that signs the identities of tasks. */
export const identityKeys = table<SigningKey>("identity-keys");

/** By name. */
export const nodePools = table<NodePool>("node-pools");

/** By namespace and path. */
export const variables = table<Variable>("variables");

export const jobKey = (namespace: string, id: string) => keyOf(namespace, id);
export const versionKey = (namespace: string, id: string, version: number) =>
  keyOf(namespace, id, String(version));
export const jobKeyOf = ({ Namespace, JobID }: JobReference) => keyOf(Namespace, JobID);
