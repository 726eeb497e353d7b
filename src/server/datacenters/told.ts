import { Pulse } from "#model/pulse.ts";

/** What one side tells another of: at first everything, then what changes. */
export interface Told<Value> {
  /** Nothing else is there. */
  readonly whole: boolean;
  readonly put: readonly (readonly [key: string, value: Value])[];
  readonly gone: readonly string[];
  /** How far the teller's state is told with it. */
  readonly index: number;
}

/** Something by key that can be told; values that have not changed are the same objects. */
export interface Tellable<Value> {
  read(): ReadonlyMap<string, Value>;
  /** Gives the way to stop. */
  subscribe(changed: () => void): () => void;
  index(): number;
}

/** A slow listener gets the newest, never a queue of what was. */
export async function* told<Value>(
  { read, subscribe, index }: Tellable<Value>,
  signal: AbortSignal,
): AsyncGenerator<Told<Value>> {
  let isDue = true;
  const changed = new Pulse();
  const stop = subscribe(() => {
    isDue = true;
    changed.fire();
  });
  let before: ReadonlyMap<string, Value> | null = null;
  try {
    while (!signal.aborted) {
      if (isDue) {
        isDue = false;
        const after = read();
        const change = changeOf(before, after, index());
        before = after;
        if (change.whole || change.put.length > 0 || change.gone.length > 0) yield change;
      } else await changed.next(signal);
    }
  } finally {
    stop();
  }
}

function changeOf<Value>(
  before: ReadonlyMap<string, Value> | null,
  after: ReadonlyMap<string, Value>,
  index: number,
): Told<Value> {
  return {
    whole: before === null,
    put: [...after].filter(([key, value]) => before?.get(key) !== value),
    gone: [...(before?.keys() ?? [])].filter((key) => !after.has(key)),
    index,
  };
}
