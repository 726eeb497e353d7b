import type { Diagnostic, Path } from "../diagnostic.ts";
import { errorAt, warningAt } from "../diagnostic.ts";
import { suggestion } from "../spelling.ts";
import { isDefault } from "./canonical.ts";
import { formatDuration } from "./duration.ts";
import type { Bounds, ObjectSchema, Schema, StringSchema, Value } from "./schema.ts";

/** What must hold between the fields of one kind of object, or between it and what is around it. */
export interface Rule {
  readonly subject: ObjectSchema["fields"];
  readonly check: (value: never, place: Place) => Iterable<Diagnostic>;
}

/** Where a rule stands while it checks. */
export interface Place {
  readonly path: Path;
  /** The nearest object of that schema around the checked one, or null. */
  around<S extends ObjectSchema>(schema: S): Value<S> | null;
}

/** One finding of a rule; `at` is the path from the checked object, by default the field of the rule. */
export interface Finding {
  readonly at?: Path;
  readonly detail: string;
}

type Findings = false | null | undefined | "" | string | readonly Finding[];

/**
 * A rule about the field `at` of every object of a schema. `check` gives a sentence on what is wrong, or several
 * findings, or nothing.
 */
export function rule<S extends ObjectSchema>(
  schema: S,
  at: (keyof S["fields"] & string) | null,
  check: (value: NonNullable<Value<S>>, place: Place) => Findings,
): Rule {
  return ruleOf("error", schema, at, check);
}

/** As `rule`, but what it finds does not refuse the value. */
export function advice<S extends ObjectSchema>(
  schema: S,
  at: (keyof S["fields"] & string) | null,
  check: (value: NonNullable<Value<S>>, place: Place) => Findings,
): Rule {
  return ruleOf("warning", schema, at, check);
}

function ruleOf<S extends ObjectSchema>(
  severity: Diagnostic["severity"],
  schema: S,
  at: string | null,
  check: (value: NonNullable<Value<S>>, place: Place) => Findings,
): Rule {
  const summary = severity === "error" ? `Invalid ${schema.name}` : `Questionable ${schema.name}`;
  const field = at === null ? [] : [at];
  return {
    subject: schema.fields,
    check: (value: NonNullable<Value<S>>, place) => {
      const found = check(value, place);
      if (!found) return [];
      const findings: readonly Finding[] = typeof found === "string" ? [{ detail: found }] : found;
      return findings.map(({ at: from, detail }) => ({
        severity,
        summary,
        detail,
        path: [...place.path, ...(from ?? field)],
      }));
    },
  };
}

/**
 * Everything that is wrong with a canonical value: the bounds, choices and patterns of its schema, then the rules;
 * and, as warnings, what is obsolete.
 */
export function check<S extends Schema>(
  schema: S,
  value: Value<S>,
  rules: readonly Rule[] = [],
): Diagnostic[] {
  const found: Diagnostic[] = [];
  visit({ rules: bySubject(rules), found }, schema, value, { path: [], parent: null });
  return found;
}

type RulesBySubject = ReadonlyMap<ObjectSchema["fields"], readonly Rule[]>;

/** A kind of document has many rules, and each document that comes is checked by the same. */
const known = new WeakMap<readonly Rule[], RulesBySubject>();

function bySubject(rules: readonly Rule[]): RulesBySubject {
  const grouped = known.get(rules) ?? Map.groupBy(rules, ({ subject }) => subject);
  known.set(rules, grouped);
  return grouped;
}

interface Checking {
  readonly rules: RulesBySubject;
  readonly found: Diagnostic[];
}

interface Spot {
  readonly path: Path;
  readonly parent: (Spot & { readonly schema: ObjectSchema; readonly value: object }) | null;
}

function visit(checking: Checking, schema: Schema, value: unknown, spot: Spot): void {
  if (value === null || value === undefined) return;
  notice(checking, schema, value, spot.path);
  switch (schema.kind) {
    case "string":
      checking.found.push(...textProblems(schema, value as string, spot.path));
      break;
    case "integer":
    case "number":
    case "duration":
      checking.found.push(...boundProblems(schema, value as number, spot.path));
      break;
    case "list":
      (value as unknown[]).forEach((item, index) => {
        visit(checking, schema.items, item, { path: [...spot.path, index], parent: spot.parent });
      });
      break;
    case "map":
      for (const [key, item] of Object.entries(value)) {
        visit(checking, schema.values, item, { path: [...spot.path, key], parent: spot.parent });
      }
      break;
    case "object":
      visitObject(checking, schema, value, spot);
      break;
    case "boolean":
    case "opaque":
      break;
  }
}

function visitObject(checking: Checking, schema: ObjectSchema, value: object, spot: Spot): void {
  for (const { check } of checking.rules.get(schema.fields) ?? []) {
    checking.found.push(...check(value as never, placeAt(spot)));
  }
  const inside = { ...spot, schema, value };
  for (const name in schema.fields) {
    const [field, held] = [schema.fields[name], (value as Record<string, unknown>)[name]];
    if (field === undefined || held === null || held === undefined) continue;
    visit(checking, field, held, { path: [...spot.path, name], parent: inside });
  }
}

function placeAt(spot: Spot): Place {
  return {
    path: spot.path,
    around: <S extends ObjectSchema>({ fields }: S) => {
      for (let outer = spot.parent; outer !== null; outer = outer.parent) {
        if (outer.schema.fields === fields) return outer.value as Value<S>;
      }
      return null;
    },
  };
}

function textProblems(schema: StringSchema, text: string, path: Path): Diagnostic[] {
  if (text === (schema.default ?? "") || text.includes("${")) return [];
  const { oneOf, pattern, maxLength } = schema;
  if (oneOf !== undefined && !oneOf.includes(text)) {
    return [
      errorAt(path, "Invalid value", `${quoted(text)} is not ${choices(oneOf)}.${suggestion(text, oneOf)}`),
    ];
  }
  if (maxLength !== undefined && text.length > maxLength) {
    return [
      errorAt(
        path,
        "Text too long",
        `At most ${maxLength} characters are allowed, but there are ${text.length}.`,
      ),
    ];
  }
  if (pattern !== undefined && !pattern.regexp.test(text)) {
    return [errorAt(path, "Invalid value", `${quoted(text)} is not ${pattern.expected}.`)];
  }
  return [];
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text);
}

function choices(oneOf: readonly string[]): string {
  const names = oneOf.filter((choice) => choice !== "").map((choice) => JSON.stringify(choice));
  return names.length === 1 ? `${names[0]}` : `one of ${names.join(", ")}`;
}

type BoundedSchema = Bounds & { readonly kind: "integer" | "number" | "duration" };

function boundProblems({ kind, min, max }: BoundedSchema, value: number, path: Path): Diagnostic[] {
  const shown = kind === "duration" ? formatDuration : String;
  if (min !== undefined && value < min) {
    return [
      errorAt(
        path,
        "Value too small",
        `${shown(value)} is less than the least allowed value, ${shown(min)}.`,
      ),
    ];
  }
  if (max !== undefined && value > max) {
    return [
      errorAt(
        path,
        "Value too large",
        `${shown(value)} is more than the greatest allowed value, ${shown(max)}.`,
      ),
    ];
  }
  return [];
}

function notice({ found }: Checking, schema: Schema, value: unknown, path: Path): void {
  const { deprecated } = schema;
  if (deprecated !== undefined && !isDefault(schema, value))
    found.push(warningAt(path, "Obsolete", deprecated));
}
