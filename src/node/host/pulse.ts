/** Tells those who wait that something has changed; each then looks for itself whether it concerns them. */
export class Pulse {
  readonly #waiting = new Set<() => void>();

  fire(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at the next change, or at once when `signal` aborts. */
  next(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }

  /** Resolves when `condition` holds, or when `signal` aborts. */
  async until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!condition() && !signal?.aborted) await this.next(signal);
  }
}

/** Waits so many milliseconds, or until `signal` aborts. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(milliseconds, LONGEST));
    signal?.addEventListener("abort", done);
  });
}

/** Node.js turns longer timers into none at all. */
const LONGEST = 2 ** 31 - 1;
