import type { Value } from "./value.ts";

const weights = new WeakMap<Value, number>();

/**
 * How many values a value holds, those that it shares counted each time: what it would cost to write it out. A few
 * short lines can make a value of astronomical weight.
 */
export function weightOf(value: Value): number {
  if (!("items" in value) && !("entries" in value)) return 1;
  let weight = weights.get(value);
  if (weight === undefined) {
    const parts = "items" in value ? value.items : value.entries.values();
    weight = 1;
    for (const part of parts) weight += weightOf(part);
    weights.set(value, weight);
  }
  return weight;
}
