import { computed, effect, type ReadonlySignal, type SignalOptions } from "@preact/signals-core";

/**
 * Signals by key, each made when it is first asked for and forgotten as soon as no effect depends on it.
 * Ask for a signal each time it is read: one that was forgotten is no longer kept true.
 */
export class KeptSignals<Kept extends ReadonlySignal> {
  readonly #kept = new Map<string, Kept>();

  get(key: string, make: (options: SignalOptions) => Kept): Kept {
    return this.#kept.get(key) ?? this.#keep(key, make);
  }

  peek(key: string): Kept | undefined {
    return this.#kept.get(key);
  }

  #keep(key: string, make: (options: SignalOptions) => Kept): Kept {
    let watched = false;
    const forget = () => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    };
    const kept = make({
      watched: () => {
        watched = true;
      },
      unwatched: forget,
    });
    this.#kept.set(key, kept);
    // Read outside every effect, it would otherwise stay for ever.
    setImmediate(() => {
      if (!watched) forget();
    });
    return kept;
  }
}

/**
 * Cells of one kind, by key: each is computed when it is first read, kept while an effect depends on it and
 * computed anew only when something that it read has changed.
 *
 * The returned function reads a cell and, within another cell or an effect, depends on it. Where `same`
 * holds between the old value and the new one, the old one stays and nobody who reads it is disturbed.
 */
export function cells<Value>(
  compute: (key: string) => Value,
  same: (before: Value, after: Value) => boolean = Object.is,
): (key: string) => Value {
  const kept = new KeptSignals<ReadonlySignal<Value>>();
  return (key) =>
    kept.get(key, (options) =>
      computed(
        keepWhileSame(() => compute(key), same),
        options,
      ),
    ).value;
}

function keepWhileSame<Value>(
  compute: () => Value,
  same: (before: Value, after: Value) => boolean,
): () => Value {
  let last: { readonly value: Value } | undefined;
  return () => {
    const value = compute();
    if (last === undefined || !same(last.value, value)) last = { value };
    return last.value;
  };
}

/** Reads cells once, outside any effect, without leaving anything behind. */
export function readOnce<Result>(read: () => Result): Result {
  let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
  const stop = effect(() => {
    try {
      outcome = { result: read() };
    } catch (error) {
      outcome = { error };
    }
  });
  stop();
  if (outcome !== undefined && "result" in outcome) return outcome.result;
  throw outcome?.error;
}
