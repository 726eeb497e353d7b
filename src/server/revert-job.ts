import type { State } from "#state/state.ts";
import { type Registration, registerJob } from "./jobs.ts";
import { RefusedError } from "./refused-error.ts";
import { jobKey, jobs, jobVersions, submissions, versionKey } from "./tables.ts";

interface Revert {
  readonly namespace: string;
  readonly id: string;
  /** The version to go back to. */
  readonly version: number;
  /** The version that the job must have now; null for any. */
  readonly enforced: number | null;
}

/** Makes an earlier version of a job its newest one: under a new number, with what it said. */
export async function revertJob(state: State, revert: Revert): Promise<Registration> {
  const { namespace, id, version, enforced } = revert;
  const current = state.get(jobs, jobKey(namespace, id));
  if (current === undefined) throw new RefusedError("job not found", "not found");
  if (enforced !== null && current.Version !== enforced)
    throw new RefusedError(`Current job has version ${current.Version}; enforcing version ${enforced}`);
  if (current.Version === version) throw new RefusedError("can't revert to current version");
  const earlier = state.get(jobVersions, versionKey(namespace, id, version));
  if (earlier === undefined)
    throw new RefusedError(`job "${id}" in namespace "${namespace}" at version ${version} not found`);
  const submission = state.get(submissions, versionKey(namespace, id, version)) ?? null;
  const job = { ...earlier, VersionTag: null };
  return registerJob(state, job, { enforceIndex: current.JobModifyIndex, submission });
}
