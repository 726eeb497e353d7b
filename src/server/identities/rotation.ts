import { hour } from "#model/schema/duration.ts";
import type { SigningKey } from "./signing-key.ts";

/** What is due in the life of a keyring. */
export type Step =
  | { readonly kind: "promote"; readonly id: string }
  | { readonly kind: "prepublish"; readonly publishTime: number };

/** So long before it signs a key is published at least, for those who look at the published keys now and then. */
const NOTICE = hour;

type Aging = Pick<SigningKey, "KeyID" | "State" | "Since" | "PublishTime">;

/** The one that signs. Two may, where servers that know nothing of each other each made the first one. */
export function activeKey<Key extends Aging>(keys: readonly Key[]): Key | undefined {
  return keys
    .filter(({ State }) => State === "active")
    .sort((a, b) => b.Since - a.Since || (a.KeyID < b.KeyID ? -1 : 1))[0];
}

/**
 * A key that has signed for half of `threshold` is followed by one that is published at once, and signs when the
 * threshold is reached. Nanoseconds.
 */
export function nextStep(keys: readonly Aging[], threshold: number, now: number): Step | null {
  const active = activeKey(keys);
  const [next] = keys
    .filter(({ State }) => State === "prepublished")
    .sort((a, b) => a.PublishTime - b.PublishTime);
  if (next !== undefined) return next.PublishTime <= now ? { kind: "promote", id: next.KeyID } : null;
  if (active === undefined || active.Since + threshold / 2 > now) return null;
  const earliest = now + Math.min(threshold / 2, NOTICE);
  return { kind: "prepublish", publishTime: Math.max(active.Since + threshold, earliest) };
}
