import type { Span } from "../syntax/source.ts";

/** Bounds on what one text may make the evaluator do; nothing that people write comes near. */
const mostSteps = 500_000;
const mostCharacters = 64_000_000;

/** Ends the evaluation as a whole. */
export class BudgetExceeded extends Error {}

/** What is left of the work that a text may ask for. */
export class Budget {
  #steps = mostSteps;
  #characters = mostCharacters;
  /** The expression that was begun last. */
  at: Span = { start: 0, end: 0 };

  /** Takes the price of so many values, made or looked at. */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new BudgetExceeded(`more than ${mostSteps} values would have to be made`);
  }

  /** Takes the price of text of this length. */
  spendText(length: number): void {
    this.#characters -= length;
    if (this.#characters < 0)
      throw new BudgetExceeded(`more than ${mostCharacters} characters would have to be made`);
  }
}
