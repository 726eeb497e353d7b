import type { Evaluation, EvaluationTrigger } from "#model/evaluation.ts";
import { type EvaluationId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Submission } from "#model/job/submission.ts";
import type { State, Transaction } from "#state/state.ts";
import { putGatewayEntries, removeGatewayEntries } from "./gateway-entries.ts";
import { type Preserving, preserve } from "./preserve.ts";
import { deployments, evaluations, jobKey, jobs, jobVersions, submissions, versionKey } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** How many versions of a job are remembered. */
const TRACKED_VERSIONS = 6;

export interface Registration {
  /** Empty for a job that only launches others. */
  readonly evaluation: EvaluationId | "";
  readonly jobModifyIndex: number;
  readonly index: number;
}

/** The job was changed since the index that the caller knows. */
export class ConflictError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConflictError";
  }
}

/** How a job is registered, where that is not as usual. */
export interface Registering {
  /** The job's modify index that the caller expects, 0 for "not there yet". */
  readonly enforceIndex?: number | undefined;
  readonly preserves?: Preserving;
  /** Of the evaluation; by default the job's. */
  readonly priority?: number | null;
  /** The text that the job was written as. */
  readonly submission?: Submission | null;
}

/**
 * Makes `job`, canonical and valid, what shall run under its id, and asks for an evaluation. An unchanged job
 * keeps its version.
 */
export async function registerJob(
  state: State,
  job: Job,
  { enforceIndex, preserves, priority, submission = null }: Registering = {},
): Promise<Registration> {
  const evaluation = newId<EvaluationId>();
  const key = jobKey(job.Namespace, job.ID);
  const { result, index } = await state.transact((tx) => {
    const before = tx.get(jobs, key);
    if (enforceIndex !== undefined && (before?.JobModifyIndex ?? 0) !== enforceIndex) {
      throw new ConflictError(
        before === undefined
          ? `Enforcing job modify index ${enforceIndex}: there is no job "${job.ID}"`
          : `Enforcing job modify index ${enforceIndex}: job "${job.ID}" is at index ${before.JobModifyIndex}`,
      );
    }
    const next = putJob(state, tx, before, preserves === undefined ? job : preserve(before, job, preserves));
    if (submission !== null && next !== before) putSubmission(tx, next, submission);
    // What runs at set times or when it is dispatched has children that run, and does not run itself.
    const order = priority ? { Priority: priority } : {};
    if (!isLaunched(next))
      tx.put(evaluations, evaluation, newEvaluation(evaluation, next, "job-register", order));
    return next;
  });
  return { evaluation: isLaunched(result) ? "" : evaluation, jobModifyIndex: result.JobModifyIndex, index };
}

/** Whether jobs are made of it when it is time, or when they are asked for. */
export function isLaunched({ Periodic, ParameterizedJob, Dispatched }: Job): boolean {
  return Periodic !== null || (ParameterizedJob !== null && !Dispatched);
}

/**
 * Writes a job as the version after `before`; an unchanged one keeps its version. Gives what is then there.
 * `cancels`: whether this ends the deployment of the version before.
 */
export function putJob(
  state: State,
  tx: Transaction,
  before: Job | undefined,
  job: Job,
  { cancels } = { cancels: true },
): Job {
  putGatewayEntries(state, tx, job);
  const isChanged = before === undefined || before.Stop || !sameSpecification(before, job);
  if (!isChanged) return before;
  const next = nextVersion(before, job, state.revision + 1);
  if (before === undefined) forgetVersions(state, tx, next);
  tx.put(jobs, jobKey(next.Namespace, next.ID), next);
  tx.put(jobVersions, versionKey(next.Namespace, next.ID, next.Version), next);
  forgetOldVersions(state, tx, next);
  if (cancels) cancelDeployments(state, tx, next);
  return next;
}

function putSubmission(tx: Transaction, job: Job, submission: Submission): void {
  const { Namespace, ID: JobID, Version, JobModifyIndex } = job;
  const row = { ...submission, Namespace, JobID, Version, JobModifyIndex };
  tx.put(submissions, versionKey(Namespace, JobID, Version), row);
}

/** All versions of a job, with the texts that they were written as. */
export function forgetVersions(state: State, tx: Transaction, job: Pick<Job, "Namespace" | "ID">): void {
  for (const version of state.find(jobVersions, "job", jobKey(job.Namespace, job.ID)))
    forgetVersion(tx, version);
}

function forgetVersion(tx: Transaction, { Namespace, ID, Version }: Job): void {
  const key = versionKey(Namespace, ID, Version);
  tx.delete(jobVersions, key);
  tx.delete(submissions, key);
}

/** Stops a job; with `purge` it is forgotten as well. Null when there is no such job. */
export async function deregisterJob(
  state: State,
  namespace: string,
  id: string,
  purge: boolean,
): Promise<Registration | null> {
  const evaluation = newId<EvaluationId>();
  const key = jobKey(namespace, id);
  const { result, index } = await state.transact((tx) => {
    const before = tx.get(jobs, key);
    if (before === undefined) return null;
    const stopped = before.Stop ? before : { ...nextVersion(before, before, state.revision + 1), Stop: true };
    if (purge) tx.delete(jobs, key);
    else tx.put(jobs, key, stopped);
    tx.put(jobVersions, versionKey(namespace, id, stopped.Version), stopped);
    cancelDeployments(state, tx, stopped);
    removeGatewayEntries(state, tx, stopped);
    tx.put(evaluations, evaluation, newEvaluation(evaluation, stopped, "job-deregister"));
    return stopped.JobModifyIndex;
  });
  return result === null ? null : { evaluation, jobModifyIndex: result, index };
}

export function newEvaluation(
  id: EvaluationId,
  job: Pick<Job, "Namespace" | "ID" | "Priority" | "Type" | "JobModifyIndex">,
  trigger: EvaluationTrigger,
  over: Partial<Evaluation> = {},
): Evaluation {
  const now = nanosecondsNow();
  return {
    ID: id,
    Namespace: job.Namespace,
    Priority: job.Priority,
    Type: job.Type,
    TriggeredBy: trigger,
    JobID: job.ID,
    JobModifyIndex: job.JobModifyIndex,
    NodeID: "",
    DeploymentID: "",
    Status: "pending",
    StatusDescription: "",
    WaitUntil: 0,
    PreviousEval: "",
    BlockedEval: "",
    FailedTGAllocs: {},
    QueuedAllocations: {},
    CreateTime: now,
    ModifyTime: now,
    ...over,
  };
}

/** The version of a job that follows `before`. `index`: the revision of the commit that brings it. */
export function nextVersion(before: Job | undefined, job: Job, index: number): Job {
  return {
    ...job,
    Stop: false,
    Status: "pending",
    StatusDescription: "",
    Stable: false,
    Version: before === undefined ? 0 : before.Version + 1,
    SubmitTime: nanosecondsNow(),
    JobModifyIndex: index,
  };
}

/** What the server adds to a job is no part of what its author wrote. */
export function sameSpecification(a: Job, b: Job): boolean {
  return specification(a) === specification(b);
}

export function specification(job: Job): string {
  return JSON.stringify({
    ...job,
    Stop: false,
    Status: "",
    StatusDescription: "",
    Stable: false,
    Version: 0,
    SubmitTime: null,
    CreateIndex: 0,
    ModifyIndex: 0,
    JobModifyIndex: 0,
    VersionTag: null,
  });
}

function forgetOldVersions(state: State, tx: Transaction, { Namespace, ID, Version }: Job): void {
  for (const old of state.find(jobVersions, "job", jobKey(Namespace, ID))) {
    if (old.Version <= Version - TRACKED_VERSIONS && old.VersionTag === null) forgetVersion(tx, old);
  }
}

/** A deployment ends when the version that it brings is no longer wanted. */
function cancelDeployments(state: State, tx: Transaction, { Namespace, ID }: Job): void {
  for (const { ID: deployment, Status } of state.find(deployments, "job", jobKey(Namespace, ID))) {
    const current = Status === "running" || Status === "paused" ? tx.get(deployments, deployment) : undefined;
    if (current === undefined) continue;
    tx.put(deployments, deployment, {
      ...current,
      Status: "cancelled",
      StatusDescription: "Cancelled due to newer version of job",
      ModifyTime: nanosecondsNow(),
    });
  }
}
