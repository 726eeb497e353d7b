import { SpareTime } from "#model/spare-time.ts";

/** Lets so many pieces of work go on at a time, and begins them in spare time; the others wait, in order. */
export class Turns {
  readonly #most: number;
  readonly #spare = new SpareTime();
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  #isBeginning = false;

  constructor(most: number) {
    this.#most = most;
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      void this.#begin();
    });
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      void this.#begin();
    }
  }

  async #begin(): Promise<void> {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    while (this.#waiting.length > 0 && this.#underWay < this.#most) {
      await this.#spare.turn();
      this.#underWay += 1;
      this.#waiting.shift()?.();
    }
    this.#isBeginning = false;
  }
}
