import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds of work at a stretch: what others ask meanwhile is kept waiting for so long. */
const STRETCH = 10;
/** Milliseconds after a stretch in which more of the same work is taken for its continuation. */
const REST = 20;
/** Milliseconds for which work waits at most: it goes on slowly also where the thread never comes to rest. */
const PATIENCE = 200;

/**
 * When work that can wait may use a thread that others share: placing and starting what is asked for gives way to
 * requests, which may ask for more of it. What begins after a rest begins at once; what goes on for longer waits for a
 * moment in which the thread has nothing else to do.
 */
export class SpareTime {
  readonly #now: () => number;
  #end = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Resolves when the next piece of the work may be done. */
  async turn(): Promise<void> {
    const now = this.#now();
    if (now < this.#end) return;
    if (now - this.#end < REST) await this.#lull(now + PATIENCE);
    this.#end = this.#now() + STRETCH;
  }

  /** Until the event loop had nothing to do for most of a millisecond. */
  async #lull(latest: number): Promise<void> {
    let share = 1;
    while (share > 0.5 && this.#now() < latest) {
      const before = performance.eventLoopUtilization();
      await pause(1);
      share = performance.eventLoopUtilization(before).utilization;
    }
  }
}
