import { pause } from "./pulse.ts";

/** Milliseconds between two attempts: doubled each time from the first to the last. */
const FIRST_WAIT = 100;
const LAST_WAIT = 10_000;

/**
 * Does `work` again until it succeeds; `failed` is told of each failure. Gives null when `signal` aborts
 * before that.
 */
export async function retry<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<Result | null> {
  for (let wait = FIRST_WAIT; !signal.aborted; wait = Math.min(wait * 2, LAST_WAIT)) {
    try {
      return await work();
    } catch (error) {
      failed(error);
      await pause(wait, signal);
    }
  }
  return null;
}
