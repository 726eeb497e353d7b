import type { Path, SourceRange } from "#model/diagnostic.ts";
import type { Source, Span } from "../syntax/source.ts";
import { rangeOf } from "../syntax/source.ts";

/** Where the parts of a decoded value stand in its source. Goes by the objects themselves, so that they may be moved. */
export class Positions {
  readonly #source: Source;
  readonly #objects = new WeakMap<object, Span>();
  readonly #spans = new WeakMap<object, Map<string | number, Span>>();

  constructor(source: Source) {
    this.#source = source;
  }

  note(container: object, key: string | number, { start, end }: Span): void {
    let spans = this.#spans.get(container);
    if (spans === undefined) {
      spans = new Map();
      this.#spans.set(container, spans);
    }
    spans.set(key, { start, end });
  }

  noteObject(value: unknown, { start, end }: Span): void {
    if (typeof value === "object" && value !== null) this.#objects.set(value, { start, end });
  }

  /** The place of the deepest part of `path` that the source has. */
  find(root: unknown, path: Path): SourceRange | null {
    let container = root;
    let found = this.#own(root);
    for (const key of path) {
      if (typeof container !== "object" || container === null) break;
      const noted = this.#spans.get(container)?.get(key);
      container = (container as Record<string | number, unknown>)[key];
      found = this.#own(container) ?? noted ?? found;
    }
    return found === undefined ? null : rangeOf(this.#source, found);
  }

  #own(value: unknown): Span | undefined {
    return typeof value === "object" && value !== null ? this.#objects.get(value) : undefined;
  }
}
