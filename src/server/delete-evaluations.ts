import type { Evaluation } from "#model/evaluation.ts";
import type { State } from "#state/state.ts";
import { RefusedError } from "./refused-error.ts";
import { evaluations } from "./tables.ts";

/** Deletes evaluations, all of them or none. One that is just being worked on stays. */
export async function deleteEvaluations(state: State, ids: readonly string[]): Promise<number> {
  await state.transact((tx) => {
    for (const id of ids) {
      const evaluation = tx.get(evaluations, id);
      if (evaluation === undefined) throw new RefusedError(`there is no evaluation "${id}"`, "not found");
      if (isUnderWay(evaluation))
        throw new RefusedError(`the evaluation "${id}" is being worked on: try again when it is complete`);
      tx.delete(evaluations, id);
    }
  });
  return ids.length;
}

function isUnderWay({ Status, WaitUntil }: Evaluation): boolean {
  return Status === "pending" && WaitUntil === 0;
}
