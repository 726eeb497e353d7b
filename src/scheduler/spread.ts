import type { Spread } from "#model/job/constraint.ts";
import type { Node } from "#model/node.ts";
import { resolve } from "./constraint.ts";

interface Count {
  readonly spread: Spread;
  /** Allocations of the group by the value of the attribute where they are. */
  readonly used: Map<string, number>;
}

/**
 * How much each value of the spreads' attributes wants a further allocation. Nodes with the same values are
 * alike to it: they are one bucket.
 */
export class SpreadScore {
  readonly #counts: readonly Count[];
  readonly #wanted: number;
  readonly #weights: number;
  /** The values of each bucket that has nodes, spread by spread. */
  readonly #buckets = new Map<string, readonly string[]>();

  /** `wanted`: how many allocations the group shall have. */
  constructor(spreads: readonly Spread[], wanted: number) {
    this.#counts = spreads.map((spread) => ({ spread, used: new Map() }));
    this.#wanted = wanted;
    this.#weights = spreads.reduce((sum, { Weight }) => sum + Weight, 0);
  }

  bucketOf(node: Node): string {
    if (this.#counts.length === 0) return "";
    const values = this.#counts.map(({ spread }) => resolve(node, spread.Attribute) ?? "");
    const bucket = values.join("\n");
    this.#buckets.set(bucket, values);
    return bucket;
  }

  count(node: Node, by: number): void {
    for (const { spread, used } of this.#counts) {
      const value = resolve(node, spread.Attribute) ?? "";
      used.set(value, (used.get(value) ?? 0) + by);
    }
  }

  /** From -1 to 1 for each of `buckets`: 1 for those that lack most. */
  scores(buckets: readonly string[]): ReadonlyMap<string, number> {
    const scores = new Map(buckets.map((bucket) => [bucket, 0]));
    this.#counts.forEach(({ spread, used }, index) => {
      const lacks = buckets.map((bucket) =>
        this.#lack(spread, used, this.#buckets.get(bucket)?.[index] ?? ""),
      );
      const most = Math.max(...lacks);
      buckets.forEach((bucket, i) => {
        const behind = most - (lacks[i] ?? 0);
        const score = behind === 0 || Number.isNaN(behind) ? 1 : -Math.min(1, behind);
        scores.set(bucket, (scores.get(bucket) ?? 0) + (score * spread.Weight) / this.#weights);
      });
    });
    return scores;
  }

  /** How far a value is from its share; without shares, how few it has. */
  #lack(spread: Spread, used: ReadonlyMap<string, number>, value: string): number {
    const has = used.get(value) ?? 0;
    if (spread.SpreadTarget.length === 0) return -has;
    const share = this.#share(spread, value);
    return share === 0 ? Number.NEGATIVE_INFINITY : (share - has) / share;
  }

  /** What no target speaks of shares what the targets leave. */
  #share({ SpreadTarget }: Spread, value: string): number {
    const target = SpreadTarget.find(({ Value }) => Value === value);
    const left = 100 - SpreadTarget.reduce((sum, { Percent }) => sum + Percent, 0);
    return ((target?.Percent ?? left) / 100) * this.#wanted;
  }
}
