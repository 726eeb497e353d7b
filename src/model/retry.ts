import { pause } from "./pulse.ts";

/** Waits between attempts, each twice as long as the one before, and shortened by chance: many never try at once. */
export class Waits {
  readonly #first: number;
  readonly #longest: number;
  #next: number;

  /** In milliseconds. */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
    this.#next = first;
  }

  /** What the next wait is at most. */
  get next(): number {
    return this.#next;
  }

  /** What failed had gone well before. */
  startOver(): void {
    this.#next = this.#first;
  }

  /** Resolves when it is time for the next attempt, or when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const longest = this.#next;
    this.#next = Math.min(longest * 2, this.#longest);
    await pause(longest * (0.5 + Math.random() / 2), signal);
  }
}

/**
 * Does `work` again until it succeeds; `failed` is told of each failure. Gives null when `signal` aborts
 * before that.
 */
export async function retry<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<Result | null> {
  const waits = new Waits(100, 10_000);
  while (!signal.aborted) {
    const begun = performance.now();
    try {
      return await work();
    } catch (error) {
      failed(error);
      if (performance.now() - begun > waits.next) waits.startOver();
      await waits.wait(signal);
    }
  }
  return null;
}
