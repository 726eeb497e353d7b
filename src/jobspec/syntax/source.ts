import type { SourcePosition, SourceRange } from "#model/diagnostic.ts";

/** A text with its name, and where its lines begin. */
export interface Source {
  readonly filename: string;
  readonly text: string;
}

/** A part of a source: offsets in UTF-16 code units, the end just behind the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function between(first: Span, last: Span): Span {
  return { start: first.start, end: last.end };
}

const lineStartsOf = new WeakMap<Source, readonly number[]>();

function lineStarts(source: Source): readonly number[] {
  let starts = lineStartsOf.get(source);
  if (starts === undefined) {
    const found = [0];
    for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1))
      found.push(at + 1);
    starts = found;
    lineStartsOf.set(source, starts);
  }
  return starts;
}

export function rangeOf(source: Source, { start, end }: Span): SourceRange {
  return { filename: source.filename, start: positionOf(source, start), end: positionOf(source, end) };
}

function positionOf(source: Source, offset: number): SourcePosition {
  const starts = lineStarts(source);
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  const before = source.text.slice(starts[low] ?? 0, offset);
  return {
    line: low + 1,
    column: [...before].length + 1,
    byte: Buffer.byteLength(source.text.slice(0, starts[low] ?? 0)) + Buffer.byteLength(before),
  };
}
