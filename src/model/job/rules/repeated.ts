import type { Finding } from "../../schema/check.ts";

/** A finding for every item whose key an earlier item has already; an empty key is a missing name. */
export function repeated<Item>(
  items: readonly Item[],
  field: string,
  keyOf: (item: Item) => string,
  kind: string,
): Finding[] {
  const first = new Map<string, number>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === "") return [{ at: [field, index], detail: `Missing ${kind} name.` }];
    if (!first.has(key)) {
      first.set(key, index);
      return [];
    }
    return [{ at: [field, index], detail: `There is already a ${kind} named ${JSON.stringify(key)}.` }];
  });
}
