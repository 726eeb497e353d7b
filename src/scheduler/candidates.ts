import type { NodeId } from "#model/id.ts";
import { Heap } from "./heap.ts";
import type { SpreadScore } from "./spread.ts";

interface Entry {
  readonly id: NodeId;
  readonly score: number;
  readonly turn: number;
}

/** One node as a candidate: its score by itself, and the bucket of nodes that the spreads see as one. */
export interface Candidate {
  readonly id: NodeId;
  readonly score: number;
  readonly bucket: string;
}

/**
 * The nodes with room for a group, the best first. A placement changes one node's own score and the spread of
 * whole buckets, so that the best is found anew without looking at all nodes.
 */
export class Candidates {
  readonly #spread: SpreadScore;
  readonly #heaps = new Map<string, Heap<Entry>>();
  readonly #turns = new Map<NodeId, number>();

  constructor(candidates: readonly Candidate[], spread: SpreadScore) {
    this.#spread = spread;
    const buckets = Map.groupBy(candidates, ({ bucket }) => bucket);
    for (const [bucket, members] of buckets) {
      this.#heaps.set(bucket, new Heap(members.map(({ id, score }) => ({ id, score, turn: 0 }))));
    }
  }

  /** A node whose score has changed, or that comes back. */
  put({ id, score, bucket }: Candidate): void {
    const turn = (this.#turns.get(id) ?? 0) + 1;
    this.#turns.set(id, turn);
    const heap = this.#heaps.get(bucket);
    if (heap) heap.push({ id, score, turn });
    else this.#heaps.set(bucket, new Heap([{ id, score, turn }]));
  }

  /** Takes the best one out. */
  take(): NodeId | null {
    const tops = [...this.#heaps].flatMap(([bucket, heap]) => {
      const top = this.#top(heap);
      return top === undefined ? [] : [{ bucket, heap, top }];
    });
    if (tops.length === 0) return null;
    const scores = tops.length === 1 ? null : this.#spread.scores(tops.map(({ bucket }) => bucket));
    const total = ({ bucket, top }: (typeof tops)[number]) => top.score + (scores?.get(bucket) ?? 0);
    const best = tops.reduce((a, b) => (total(b) > total(a) ? b : a));
    best.heap.pop();
    return best.top.id;
  }

  /** The best entry of a heap that still holds; those that were put anew since are dropped. */
  #top(heap: Heap<Entry>): Entry | undefined {
    for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
      if (top.turn === (this.#turns.get(top.id) ?? 0)) return top;
      heap.pop();
    }
    return undefined;
  }
}
