import { BudgetExceeded } from "./evaluate/budget.ts";
import type { Evaluation } from "./evaluate/scope.ts";
import { report } from "./evaluate/scope.ts";

/** Null when the work would be more than the text may ask for, which is then reported. */
export function withinBudget<Result>(evaluation: Evaluation, work: () => Result): Result | null {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    report(
      evaluation,
      evaluation.budget.at,
      "Too much work",
      `The text asks for too much: ${error.message}.`,
    );
    return null;
  }
}
