import { setTimeout as pause } from "node:timers/promises";

/** Waits until `condition` gives something true, looking often; fails with what it gave last. */
export async function until<Result>(
  what: string,
  condition: () => Promise<Result> | Result,
  limit = 30_000,
): Promise<NonNullable<Result>> {
  const end = Date.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      const result = await condition();
      if (result) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(
        `waited ${limit} ms in vain until ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
      );
    }
    await pause(20);
  }
}
