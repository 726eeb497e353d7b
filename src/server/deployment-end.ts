import type { Deployment } from "#model/deployment.ts";
import { type EvaluationId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { State, Transaction } from "#state/state.ts";
import { newEvaluation, putJob, sameSpecification } from "./jobs.ts";
import { deployments, evaluations, jobKeyOf, jobs, jobVersions, versionKey } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

export interface DeploymentChange {
  readonly deployment: Deployment;
  readonly evaluation: EvaluationId | "";
  /** The version to which a failed deployment goes back. */
  readonly reverted: number | null;
}

/**
 * Writes where a deployment stands now and asks for an evaluation of its job. One that has failed goes back to the
 * last good version where its groups want that; one that has succeeded makes its version a good one.
 */
export function putDeployment(state: State, tx: Transaction, deployment: Deployment): DeploymentChange {
  const job = tx.get(jobs, jobKeyOf(deployment));
  const back = deployment.Status === "failed" && job ? goBack(state, tx, deployment, job) : null;
  const StatusDescription = `${deployment.StatusDescription}${back?.description ?? ""}`;
  const written = { ...deployment, StatusDescription, ModifyTime: nanosecondsNow() };
  tx.put(deployments, deployment.ID, written);
  if (job === undefined) return { deployment: written, evaluation: "", reverted: null };
  if (deployment.Status === "successful") markStable(tx, deployment, job);
  const evaluation = newId<EvaluationId>();
  const over = { DeploymentID: deployment.ID };
  tx.put(evaluations, evaluation, newEvaluation(evaluation, back?.job ?? job, "deployment-watcher", over));
  return { deployment: written, evaluation, reverted: back?.version ?? null };
}

interface Reversion {
  readonly description: string;
  readonly version: number | null;
  readonly job: Job | null;
}

function goBack(
  state: State,
  tx: Transaction,
  { TaskGroups, JobVersion }: Deployment,
  job: Job,
): Reversion | null {
  const isWanted = Object.values(TaskGroups).some(({ AutoRevert }) => AutoRevert);
  if (!isWanted || job.Version !== JobVersion || job.Stop) return null;
  const good = state
    .find(jobVersions, "job", jobKeyOf({ Namespace: job.Namespace, JobID: job.ID }))
    .filter(({ Stable, Version }) => Stable && Version < JobVersion)
    .sort((a, b) => b.Version - a.Version)[0];
  if (good === undefined) {
    return { description: " - no stable job version to auto revert to", version: null, job: null };
  }
  if (sameSpecification(good, job)) {
    const description = ` - not rolling back to stable job version ${good.Version} as current job has same specification`;
    return { description, version: null, job: null };
  }
  const next = putJob(state, tx, job, good, { cancels: false });
  return { description: ` - rolling back to job version ${good.Version}`, version: good.Version, job: next };
}

function markStable(tx: Transaction, deployment: Deployment, job: Job): void {
  const { Namespace, JobID, JobVersion } = deployment;
  const key = versionKey(Namespace, JobID, JobVersion);
  const version = tx.get(jobVersions, key);
  if (version) tx.put(jobVersions, key, { ...version, Stable: true });
  if (job.Version === JobVersion) tx.put(jobs, jobKeyOf(deployment), { ...job, Stable: true });
}
