import type { Allocation } from "#model/allocation.ts";
import { newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import { type SchedulerConfiguration, schedulerConfiguration } from "#model/scheduler-configuration.ts";
import { canonical } from "#model/schema/canonical.ts";
import type { Machines } from "#scheduler/cluster.ts";
import type { Change, Situation } from "#scheduler/plan.ts";
import type { State } from "#state/state.ts";
import { sameWork } from "./same-work.ts";
import {
  allocations,
  deployments,
  jobKey,
  jobKeyOf,
  jobs,
  jobVersions,
  SCHEDULER_CONFIGURATION_KEY,
  schedulerConfigurations,
  versionKey,
} from "./tables.ts";

/** The job that an evaluation is about; a purged one is still known by the version that its allocations run. */
export function jobOf(
  state: State,
  evaluation: { readonly Namespace: string; readonly JobID: string },
): Job | undefined {
  const key = jobKeyOf(evaluation);
  const current = state.get(jobs, key);
  if (current !== undefined) return current;
  const last = state.find(jobVersions, "job", key).sort((a, b) => b.Version - a.Version)[0];
  return last && { ...last, Stop: true };
}

/** All that the scheduler looks at to decide what becomes of `job`. */
export function situationOf(state: State, machines: Machines, job: Job): Situation {
  const key = jobKey(job.Namespace, job.ID);
  const newest = state.find(deployments, "job", key).sort((a, b) => b.CreateIndex - a.CreateIndex)[0];
  const version = (number: number) =>
    number === job.Version ? job : state.get(jobVersions, versionKey(job.Namespace, job.ID, number));
  return {
    job,
    allocations: state.find(allocations, "job", key),
    deployment: newest ?? null,
    changeOf: changeTo(job, version),
    version,
    machines,
    configuration: configurationOf(state),
    priorityOf: (other) => state.get(jobs, jobKeyOf(other))?.Priority ?? 0,
    now: Date.now(),
    newId: () => newId(),
    random: Math.random,
  };
}

const defaults = canonical(schedulerConfiguration, {});

export function configurationOf(state: State): SchedulerConfiguration {
  return state.get(schedulerConfigurations, SCHEDULER_CONFIGURATION_KEY) ?? defaults;
}

/** What the job's newest version means for its allocations; the same for all of one version and group. */
function changeTo(
  job: Job,
  version: (number: number) => Job | undefined,
): (allocation: Allocation) => Change {
  const known = new Map<string, Change>();
  return ({ JobVersion, TaskGroup }) => {
    if (JobVersion === job.Version) return "none";
    const key = `${JobVersion} ${TaskGroup}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const ran = version(JobVersion);
    const change = ran !== undefined && sameWork(ran, job, TaskGroup) ? "in place" : "destructive";
    known.set(key, change);
    return change;
  };
}
