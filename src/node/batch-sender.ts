import { pause } from "#model/pulse.ts";
import { retry } from "#model/retry.ts";

export interface BatchOptions<Item> {
  readonly keyOf: (item: Item) => string;
  readonly send: (items: readonly Item[]) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Milliseconds in which what is less urgent gathers. */
const GATHERING = 200;
/** Milliseconds that closing waits for the servers. */
const PATIENCE = 2000;

/**
 * Carries news to the servers, the latest of each key. One call is under way at most; what comes meanwhile
 * goes with the next, and a call that fails is made again with what is new by then.
 */
export class BatchSender<Item> {
  readonly #options: BatchOptions<Item>;
  readonly #waiting = new Map<string, Item>();
  readonly #closed = new AbortController();
  #urgent = new AbortController();
  #isSending = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: BatchOptions<Item>) {
    this.#options = options;
  }

  add(item: Item, isUrgent: boolean): void {
    this.#waiting.set(this.#options.keyOf(item), item);
    if (isUrgent) this.#urgent.abort();
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendAll();
  }

  /** Sends what waits, as far as the servers take it. */
  async close(): Promise<void> {
    this.#urgent.abort();
    await Promise.race([this.#sending, pause(PATIENCE, this.#closed.signal)]);
    this.#closed.abort();
  }

  async #sendAll(): Promise<void> {
    const { send, failed, keyOf } = this.#options;
    while (this.#waiting.size > 0 && !this.#closed.signal.aborted) {
      await pause(GATHERING, this.#urgent.signal);
      this.#urgent = new AbortController();
      const attempt = async () => {
        const items = [...this.#waiting.values()];
        await send(items);
        for (const item of items)
          if (this.#waiting.get(keyOf(item)) === item) this.#waiting.delete(keyOf(item));
      };
      await retry(attempt, this.#closed.signal, failed);
    }
    this.#isSending = false;
  }
}
