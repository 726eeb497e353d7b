/** Tells those who wait that something has changed; each then looks for itself whether it concerns them. */
export class Pulse {
  readonly #waiting = new Set<() => void>();

  fire(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next change, after so many milliseconds, or when `signal` aborts. */
  next(signal?: AbortSignal, milliseconds = Number.POSITIVE_INFINITY): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = milliseconds > LONGEST_TIMER ? undefined : setTimeout(wake, milliseconds);
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }

  /** Resolves when `condition` holds, or when `signal` aborts. */
  async until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!condition() && !signal?.aborted) await this.next(signal);
  }
}

/** Milliseconds: 25 days. Node.js takes more for none at all; we take it for ever. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits so many milliseconds, or until `signal` aborts. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Pulse().next(signal, milliseconds);
}
