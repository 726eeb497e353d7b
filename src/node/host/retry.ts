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
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    const begun = performance.now();
    try {
      return await work();
    } catch (error) {
      failed(error);
      // What went well for a while begins anew with short waits.
      if (performance.now() - begun > wait) wait = FIRST_WAIT;
      await pause(wait, signal);
      wait = Math.min(wait * 2, LAST_WAIT);
    }
  }
  return null;
}
