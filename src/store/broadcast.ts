import { Pulse } from "#model/pulse.ts";
import { type ChangeSet, CompactedError, type Revision } from "./store.ts";

/** How many change sets are kept for watchers that start from an earlier revision. */
const KEPT = 4096;

/** Hands every change set to all watchers in order, and keeps the newest ones for those who come later. */
export class Broadcast {
  #recent: ChangeSet[] = [];
  #oldest: Revision;
  readonly #changed = new Pulse();
  #closed = false;

  /** `revision`: the last one before this broadcast began. */
  constructor(revision: Revision) {
    this.#oldest = revision + 1;
  }

  publish(changeSet: ChangeSet): void {
    this.#recent.push(changeSet);
    if (this.#recent.length > 2 * KEPT) {
      this.#recent = this.#recent.slice(-KEPT);
      this.#oldest = this.#recent[0]?.revision ?? this.#oldest;
    }
    this.#changed.fire();
  }

  close(): void {
    this.#closed = true;
    this.#changed.fire();
  }

  async *watch(after: Revision, signal: AbortSignal): AsyncGenerator<ChangeSet> {
    let last = after;
    while (!signal.aborted && !this.#closed) {
      if (last + 1 < this.#oldest) throw new CompactedError(this.#oldest);
      const next = this.#recent.at(last + 1 - this.#oldest);
      if (next === undefined) await this.#changed.next(signal);
      else {
        last = next.revision;
        yield next;
      }
    }
  }
}
