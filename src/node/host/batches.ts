interface Request<Item> {
  readonly item: Item;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** So many items go together at most: the arguments of a program have their bounds. */
const MOST = 500;

/** Carries requests out together: one call is under way at a time, and what comes meanwhile goes with the next. */
export class Batches<Item> {
  readonly #carryOut: (items: readonly Item[]) => Promise<void>;
  readonly #waiting: Request<Item>[] = [];
  #isWorking = false;

  constructor(carryOut: (items: readonly Item[]) => Promise<void>) {
    this.#carryOut = carryOut;
  }

  /** Resolves when the item is carried out. Where several fail together, each is tried once more alone. */
  add(item: Item): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      // What is asked in the same moment goes along.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#together(this.#waiting.splice(0, MOST));
    }
    this.#isWorking = false;
  }

  async #together(requests: readonly Request<Item>[]): Promise<void> {
    try {
      await this.#carryOut(requests.map(({ item }) => item));
      for (const { done } of requests) done();
    } catch (error) {
      if (requests.length === 1) requests[0]?.failed(error);
      else for (const request of requests) await this.#together([request]);
    }
  }
}
