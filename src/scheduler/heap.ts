/** Keeps what scores highest at hand. */
export class Heap<Item extends { readonly score: number }> {
  readonly #items: Item[];

  constructor(items: Item[]) {
    this.#items = items;
    for (let i = (items.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  pop(): Item | undefined {
    const [top] = this.#items;
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return top;
  }

  #rise(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (this.#score(parent) >= this.#score(i)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(from: number): void {
    for (let i = from; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let best = i;
      if (this.#score(left) > this.#score(best)) best = left;
      if (this.#score(right) > this.#score(best)) best = right;
      if (best === i) return;
      this.#swap(i, best);
      i = best;
    }
  }

  #score(i: number): number {
    return this.#items[i]?.score ?? Number.NEGATIVE_INFINITY;
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#items[i], this.#items[j]];
    if (a === undefined || b === undefined) return;
    this.#items[i] = b;
    this.#items[j] = a;
  }
}
