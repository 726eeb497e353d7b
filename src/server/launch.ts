import type { EvaluationTrigger } from "#model/evaluation.ts";
import { type EvaluationId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { State, Transaction } from "#state/state.ts";
import { newEvaluation, putJob } from "./jobs.ts";
import { evaluations } from "./tables.ts";

export interface Launch {
  readonly job: Job;
  readonly evaluation: EvaluationId;
}

/** Makes a job of a periodic or parameterized one, its child, and asks for its evaluation. */
export function launch(
  state: State,
  tx: Transaction,
  parent: Job,
  child: Pick<Job, "ID"> & Partial<Job>,
  trigger: EvaluationTrigger,
): Launch {
  const job = putJob(state, tx, undefined, { ...parent, Name: child.ID, ParentID: parent.ID, ...child });
  const evaluation = newId<EvaluationId>();
  tx.put(evaluations, evaluation, newEvaluation(evaluation, job, trigger));
  return { job, evaluation };
}
