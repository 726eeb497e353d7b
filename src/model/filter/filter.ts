import type { Regexp } from "../regexp/regexp.ts";

/** A filter over rows of JSON, in the language of Consul's `filter` parameters and resolver subsets. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "not"; readonly inner: Filter }
  | Comparison
  | Quantifier;

export interface Comparison {
  readonly kind: "comparison";
  readonly selector: Selector;
  readonly test: Test;
  /** Holds where the test does not, and also where the selector finds nothing. */
  readonly negated: boolean;
}

/** `any Selector as name { … }`; over a map, `all Selector as key, value { … }`. */
export interface Quantifier {
  readonly kind: "any" | "all";
  readonly selector: Selector;
  readonly names: readonly [first: string, second: string | null];
  readonly inner: Filter;
}

/** Field names and keys, from the row inwards. */
export type Selector = readonly string[];

export type Test =
  | { readonly operator: "equals"; readonly value: string }
  | { readonly operator: "contains"; readonly value: string }
  | { readonly operator: "matches"; readonly value: string; readonly regexp: Regexp }
  | { readonly operator: "is empty" };

/** A filter that cannot be read, or does not fit its rows. The message is meant for the one who wrote it. */
export class FilterError extends Error {}
