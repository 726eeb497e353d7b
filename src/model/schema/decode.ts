import type { Diagnostic, Path } from "../diagnostic.ts";
import { errorAt, warningAt } from "../diagnostic.ts";
import { suggestion } from "../spelling.ts";
import { parseDuration } from "./duration.ts";
import type { Input, ListSchema, MapSchema, ObjectSchema, Schema, Value } from "./schema.ts";

export interface DecodeOptions {
  /**
   * Reads what other tools write: keys in any case with or without underscores, one object in a list of its own,
   * numbers and booleans as text and the reverse.
   */
  readonly lenient?: boolean;
  /** Names that the schema does not know are warned of, not refused: for what other versions of a client send. */
  readonly toleratesUnknown?: boolean;
  /** Bounds on what a stranger may send. */
  readonly maxDepth?: number;
  readonly maxValues?: number;
}

export interface Decoded<T> {
  /** Holds all that could be read, also when there are problems. */
  readonly value: Input<T>;
  readonly problems: readonly Diagnostic[];
}

/** The summary of a problem with a key that the schema does not have. */
export const UNKNOWN_KEY = "Unsupported argument";

const defaultMaxDepth = 64;
const defaultMaxValues = 250_000;
const maxProblems = 100;

/**
 * Reads parsed JSON as a value of the schema. Unknown keys and values of another kind are problems; bounds,
 * choices and rules are not looked at here (see check.ts).
 */
export function decode<S extends Schema>(
  schema: S,
  json: unknown,
  options: DecodeOptions = {},
): Decoded<Value<S>> {
  const decoder = new Decoder(options);
  const value = decoder.value(schema, json, []);
  return { value: value as Input<Value<S>>, problems: decoder.problems };
}

/** What a failed part decodes to: the same as if it had not been given. */
const nothing = undefined;

class Decoder {
  readonly problems: Diagnostic[] = [];
  readonly #lenient: boolean;
  readonly #toleratesUnknown: boolean;
  readonly #maxDepth: number;
  readonly #maxValues: number;
  #values = 0;

  constructor(options: DecodeOptions) {
    this.#lenient = options.lenient ?? false;
    this.#toleratesUnknown = options.toleratesUnknown ?? false;
    this.#maxDepth = options.maxDepth ?? defaultMaxDepth;
    this.#maxValues = options.maxValues ?? defaultMaxValues;
  }

  value(schema: Schema, json: unknown, path: Path): unknown {
    if (json === null || json === undefined) return null;
    if (!this.#withinBounds(path)) return nothing;
    switch (schema.kind) {
      case "string":
      case "integer":
      case "number":
      case "boolean":
      case "duration":
        return this.#scalar(schema, json, path);
      case "list":
        return this.#list(schema, json, path);
      case "map":
        return this.#map(schema, json, path);
      case "object":
        return this.#object(schema, json, path);
      case "opaque":
        return this.#opaque(json, path);
    }
  }

  #withinBounds(path: Path): boolean {
    this.#values++;
    if (this.#values === this.#maxValues + 1) {
      this.#problem(path, "Too many values", `At most ${this.#maxValues} values are read.`);
    }
    if (path.length > this.#maxDepth) {
      this.#problem(path, "Nested too deep", `At most ${this.#maxDepth} levels are read.`);
    }
    return this.#values <= this.#maxValues && path.length <= this.#maxDepth;
  }

  #scalar(schema: ScalarSchema, json: unknown, path: Path): unknown {
    const value = readScalar(schema, this.#lenient ? loosened(schema, json) : json);
    if (value === nothing) {
      this.#problem(
        path,
        "Unsuitable value",
        `Expected ${expected[schema.kind]}, but found ${described(json)}.`,
      );
    }
    return value;
  }

  #list(schema: ListSchema, json: unknown, path: Path): unknown {
    if (Array.isArray(json))
      return json.map((item, index) => this.value(schema.items, item, [...path, index]) ?? null);
    if (this.#lenient) return [this.value(schema.items, json, [...path, 0])];
    return this.#mismatch(path, "a list", json);
  }

  #map(schema: MapSchema, json: unknown, path: Path): unknown {
    const entries = this.#entries(json);
    if (entries === null) return this.#mismatch(path, "an object", json);
    return Object.fromEntries(
      entries.map(([key, value]) => [key, this.value(schema.values, value, [...path, key]) ?? null]),
    );
  }

  #object(schema: ObjectSchema, json: unknown, path: Path): unknown {
    const entries = this.#entries(json);
    if (entries === null) return this.#mismatch(path, "an object", json);
    const value: Record<string, unknown> = {};
    for (const [key, given] of entries) {
      const name = this.#fieldName(schema, key);
      const field = name === undefined ? undefined : schema.fields[name];
      if (name === undefined || field === undefined) {
        if (given !== null) this.#unknownKey(schema, [...path, key]);
      } else {
        const decoded = this.value(field, given, [...path, name]);
        if (decoded !== nothing && (decoded !== null || !(name in value))) value[name] = decoded;
      }
    }
    return value;
  }

  /** Block-style HCL turned to JSON gives every object inside a list. */
  #entries(json: unknown): [string, unknown][] | null {
    const only = this.#lenient && Array.isArray(json) && json.length === 1 ? json[0] : json;
    return typeof only === "object" && only !== null && !Array.isArray(only) ? Object.entries(only) : null;
  }

  #fieldName(schema: ObjectSchema, key: string): string | undefined {
    if (Object.hasOwn(schema.fields, key)) return key;
    const { exact, lenient } = namesOf(schema);
    return this.#lenient ? lenient.get(lenientName(key)) : exact.get(key);
  }

  #opaque(json: unknown, path: Path): unknown {
    if (Array.isArray(json)) {
      return json.map((item, index) =>
        this.#withinBounds(path) ? this.#opaque(item, [...path, index]) : null,
      );
    }
    if (typeof json !== "object" || json === null) return json;
    const entries = Object.entries(json);
    return Object.fromEntries(
      entries.map(([key, value]) => [
        key,
        this.#withinBounds(path) ? this.#opaque(value, [...path, key]) : null,
      ]),
    );
  }

  #unknownKey(schema: ObjectSchema, path: Path): void {
    const key = String(path.at(-1));
    const known = Object.keys(schema.fields);
    const detail = `An argument named ${JSON.stringify(key)} is not expected here.${suggestion(key, known)}`;
    if (this.#toleratesUnknown) this.#note(warningAt(path, "Ignored argument", detail));
    else this.#problem(path, UNKNOWN_KEY, detail);
  }

  #mismatch(path: Path, wanted: string, json: unknown): undefined {
    this.#problem(path, "Unsuitable value", `Expected ${wanted}, but found ${described(json)}.`);
    return nothing;
  }

  #note(problem: Diagnostic): void {
    if (this.problems.length < maxProblems) this.problems.push(problem);
  }

  #problem(path: Path, summary: string, detail: string): void {
    this.#note(errorAt(path, summary, detail));
  }
}

type ScalarSchema = Extract<Schema, { kind: "string" | "integer" | "number" | "boolean" | "duration" }>;

const expected: Readonly<Record<ScalarSchema["kind"], string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  duration: 'a duration such as "30s" or a number of nanoseconds',
};

function readScalar(schema: ScalarSchema, json: unknown): unknown {
  switch (schema.kind) {
    case "string":
      return typeof json === "string" ? json : nothing;
    case "boolean":
      return typeof json === "boolean" ? json : nothing;
    case "number":
      return typeof json === "number" ? json : nothing;
    case "integer":
      return Number.isInteger(json) ? json : nothing;
    case "duration":
      return typeof json === "string"
        ? (parseDuration(json) ?? nothing)
        : Number.isInteger(json)
          ? json
          : nothing;
  }
}

function loosened(schema: ScalarSchema, json: unknown): unknown {
  switch (schema.kind) {
    case "string":
      return typeof json === "number" || typeof json === "boolean" ? String(json) : json;
    case "boolean":
      return json === "true" ? true : json === "false" ? false : json;
    case "number":
    case "integer":
      return typeof json === "string" && json.trim() !== "" ? Number(json) : json;
    case "duration":
      return json;
  }
}

function described(json: unknown): string {
  if (Array.isArray(json)) return "a list";
  if (typeof json === "object") return "an object";
  const text = JSON.stringify(json);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

interface Names {
  readonly exact: ReadonlyMap<string, string>;
  readonly lenient: ReadonlyMap<string, string>;
}

const knownNames = new WeakMap<ObjectSchema["fields"], Names>();

/** From every name of a field, its aliases among them, to the field. */
function namesOf({ fields }: ObjectSchema): Names {
  let names = knownNames.get(fields);
  if (names === undefined) {
    const all = Object.entries(fields).flatMap(([name, { aliases = [] }]) =>
      [name, ...aliases].map((as) => [as, name] as const),
    );
    names = { exact: new Map(all), lenient: new Map(all.map(([as, name]) => [lenientName(as), name])) };
    knownNames.set(fields, names);
  }
  return names;
}

function lenientName(key: string): string {
  return key.replaceAll("_", "").toLowerCase();
}
