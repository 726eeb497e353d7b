import type { Json, ObjectSchema, Schema } from "../schema/schema.ts";
import type { TaskGroup } from "./group.ts";
import { group } from "./group.ts";
import type { Job } from "./job.ts";
import { job, keptFields } from "./job.ts";
import type { Task } from "./task.ts";
import { task } from "./task.ts";

export type DiffType = "None" | "Added" | "Deleted" | "Edited";

export interface FieldDiff {
  readonly Type: DiffType;
  readonly Name: string;
  readonly Old: string;
  readonly New: string;
  readonly Annotations: readonly string[];
}

export interface ObjectDiff {
  readonly Type: DiffType;
  readonly Name: string;
  readonly Fields: readonly FieldDiff[];
  readonly Objects: readonly ObjectDiff[];
}

export interface TaskDiff extends ObjectDiff {
  readonly Annotations: readonly string[];
}

export interface TaskGroupDiff extends ObjectDiff {
  readonly Tasks: readonly TaskDiff[];
  /** Filled in by whoever knows what the scheduler would do. */
  readonly Updates: Readonly<Record<string, number>>;
}

export interface JobDiff {
  readonly Type: DiffType;
  readonly ID: string;
  readonly Fields: readonly FieldDiff[];
  readonly Objects: readonly ObjectDiff[];
  readonly TaskGroups: readonly TaskGroupDiff[];
}

/** Kept by Yurt, or handed down to the groups, where its changes are shown. */
const leftOut: ReadonlySet<string> = new Set([
  ...keptFields,
  "ID",
  "TaskGroups",
  "Update",
  "Reschedule",
  "Migrate",
]);

/** What changes from one canonical job to another; null stands for no job. */
export function diffJobs(before: Job | null, after: Job | null): JobDiff {
  const parts = diffFields(job, before, after, leftOut);
  const groups = pairs(before?.TaskGroups ?? [], after?.TaskGroups ?? [], "Name").map(diffGroup);
  return { ...summed(before, after, parts, groups), ID: (after ?? before)?.ID ?? "", TaskGroups: groups };
}

function diffGroup([before, after]: Pair<TaskGroup>): TaskGroupDiff {
  const parts = diffFields(group, before, after, new Set(["Name", "Tasks"]));
  const tasks = pairs(before?.Tasks ?? [], after?.Tasks ?? [], "Name").map(diffTask);
  return {
    ...summed(before, after, parts, tasks),
    Name: (after ?? before)?.Name ?? "",
    Tasks: tasks,
    Updates: {},
  };
}

function diffTask([before, after]: Pair<Task>): TaskDiff {
  const parts = diffFields(task, before, after, new Set(["Name"]));
  return { ...summed(before, after, parts), Name: (after ?? before)?.Name ?? "", Annotations: [] };
}

interface Parts {
  readonly Fields: readonly FieldDiff[];
  readonly Objects: readonly ObjectDiff[];
}

function summed(
  before: unknown,
  after: unknown,
  { Fields, Objects }: Parts,
  more: readonly { Type: DiffType }[] = [],
) {
  return { Type: typeOf(before, after, [...Fields, ...Objects, ...more]), Fields, Objects };
}

function typeOf(before: unknown, after: unknown, parts: readonly { readonly Type: DiffType }[]): DiffType {
  if (before === null && after !== null) return "Added";
  if (before !== null && after === null) return "Deleted";
  return parts.some(({ Type }) => Type !== "None") ? "Edited" : "None";
}

type Pair<T> = readonly [before: T | null, after: T | null];

/** Items that are the same by their key, in the order of the new ones; behind them those that are gone. */
function pairs<T extends object>(before: readonly T[], after: readonly T[], key: string): Pair<T>[] {
  const left = [...before];
  const keyOf = (item: T) => (item as Record<string, unknown>)[key];
  const found = after.map((item): Pair<T> => {
    const at = left.findIndex((other) => keyOf(other) === keyOf(item));
    return [at < 0 ? null : (left.splice(at, 1)[0] ?? null), item];
  });
  return [...found, ...left.map((item): Pair<T> => [item, null])];
}

function diffFields(
  schema: ObjectSchema,
  before: object | null,
  after: object | null,
  without: ReadonlySet<string>,
): Parts {
  const fields: FieldDiff[] = [];
  const objects: ObjectDiff[] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    if (without.has(name)) continue;
    const [old, now] = [partOf(before, name), partOf(after, name)];
    if (isFlat(field)) fields.push(...flatDiffs(name, field, old, now));
    else objects.push(...objectDiffs(name, field, old, now));
  }
  fields.sort(byName);
  return { Fields: fields, Objects: objects };
}

function partOf(value: object | null, name: string): unknown {
  return (value as Record<string, unknown> | null)?.[name] ?? null;
}

/** Scalars are fields; maps of texts are fields named `Meta[key]`. */
function isFlat(schema: Schema): boolean {
  return (
    !["list", "map", "object"].includes(schema.kind) ||
    (schema.kind === "map" && schema.values.kind === "string")
  );
}

function flatDiffs(name: string, schema: Schema, old: unknown, now: unknown): FieldDiff[] {
  if (schema.kind !== "map") return fieldDiff(name, old, now);
  const [before, after] = [(old ?? {}) as Record<string, unknown>, (now ?? {}) as Record<string, unknown>];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => fieldDiff(`${name}[${key}]`, before[key] ?? null, after[key] ?? null));
}

/** Nothing for a field that is empty before and after, or that has not changed. */
function fieldDiff(Name: string, old: unknown, now: unknown): FieldDiff[] {
  const [Old, New] = [shown(old), shown(now)];
  if (Old === New) return [];
  const Type = Old === "" ? "Added" : New === "" ? "Deleted" : "Edited";
  return [{ Type, Name, Old, New, Annotations: [] }];
}

function shown(value: unknown): string {
  return value === null || value === undefined
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
}

/** Names in a diff, where they are not the field's in the singular. */
const names: Readonly<Record<string, string>> = {
  ReservedPorts: "Static Port",
  DynamicPorts: "Dynamic Port",
  Connect: "ConsulConnect",
  Proxy: "ConsulProxy",
  Upstreams: "ConsulUpstreams",
};

function objectName(name: string, schema: Schema): string {
  const isMany = schema.kind === "list" || (schema.kind === "map" && schema.values.kind === "object");
  return names[name] ?? (isMany ? name.replace(/ies$/, "y").replace(/s$/, "") : name);
}

function objectDiffs(name: string, schema: Schema, old: unknown, now: unknown): ObjectDiff[] {
  const Name = objectName(name, schema);
  if (schema.kind === "object") return objectDiff(Name, schema, [old as object | null, now as object | null]);
  if (schema.kind === "list" && schema.items.kind === "object")
    return listDiffs(Name, schema.items, old, now);
  if (schema.kind === "map" && schema.values.kind === "object") {
    const { values } = schema;
    const [before, after] = [Object.values(old ?? {}), Object.values(now ?? {})];
    return pairs<object>(before, after, "Name").flatMap((pair) => objectDiff(Name, values, pair));
  }
  if (schema.kind === "list") return itemsDiff(name, old, now);
  const Fields = pathDiffs(old, now);
  const [before, after] = [isEmpty(old) ? null : old, isEmpty(now) ? null : now];
  const Type = typeOf(before, after, Fields);
  return Type === "None" ? [] : [{ Type, Name, Fields, Objects: [] }];
}

function isEmpty(value: unknown): boolean {
  return Object.keys(value ?? {}).length === 0;
}

function objectDiff(Name: string, schema: ObjectSchema, [before, after]: Pair<object>): ObjectDiff[] {
  if (before === null && after === null) return [];
  const parts = diffFields(schema, before, after, new Set());
  const { Type } = summed(before, after, parts);
  if (Type === "None") return [];
  return [
    { Type, Name, ...parts, Fields: [...parts.Fields, ...unchanged(schema, before, after)].sort(byName) },
  ];
}

/** Round a change inside an object, what stays the same is shown too. */
function unchanged(schema: ObjectSchema, before: object | null, after: object | null): FieldDiff[] {
  if (before === null || after === null) return [];
  return Object.entries(schema.fields).flatMap(([name, field]) => {
    const [old, now] = [partOf(before, name), partOf(after, name)];
    return isFlat(field) && field.kind !== "map" ? sameField(name, old, now) : [];
  });
}

function sameField(Name: string, old: unknown, now: unknown): FieldDiff[] {
  const [Old, New] = [shown(old), shown(now)];
  return Old === New && New !== "" ? [{ Type: "None", Name, Old, New, Annotations: [] }] : [];
}

function byName(a: FieldDiff, b: FieldDiff): number {
  return a.Name < b.Name ? -1 : 1;
}

/** By what an item is the same before and after; items without are a set, in which nothing is edited. */
const keys: Readonly<Record<string, string>> = {
  service: "Name",
  check: "Name",
  upstreams: "DestinationName",
  template: "DestPath",
  artifact: "RelativeDest",
  volume_mount: "Volume",
  action: "Name",
  secret: "Name",
  identity: "Name",
  listener: "Port",
  "ingress service": "Name",
  "linked service": "Name",
};

function listDiffs(Name: string, items: ObjectSchema, old: unknown, now: unknown): ObjectDiff[] {
  const [before, after] = [(old ?? []) as object[], (now ?? []) as object[]];
  const key = keys[items.name];
  if (key !== undefined) return pairs(before, after, key).flatMap((pair) => objectDiff(Name, items, pair));
  const missing = (from: object[], others: object[]) =>
    from.filter((item) => !others.some((other) => isSame(item, other)));
  return [
    ...missing(after, before).flatMap((item) => objectDiff(Name, items, [null, item])),
    ...missing(before, after).flatMap((item) => objectDiff(Name, items, [item, null])),
  ];
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A list of texts is a set of them. */
function itemsDiff(Name: string, old: unknown, now: unknown): ObjectDiff[] {
  const [before, after] = [((old ?? []) as unknown[]).map(shown), ((now ?? []) as unknown[]).map(shown)];
  const added = after.filter((item) => !before.includes(item)).flatMap((item) => fieldDiff(Name, null, item));
  const deleted = before
    .filter((item) => !after.includes(item))
    .flatMap((item) => fieldDiff(Name, item, null));
  if (added.length + deleted.length === 0) return [];
  const Type = deleted.length === 0 ? "Added" : added.length === 0 ? "Deleted" : "Edited";
  return [{ Type, Name, Fields: [...added, ...deleted], Objects: [] }];
}

/** Fields named by their way through the value: `mount[0][type]`. */
function pathDiffs(old: unknown, now: unknown): FieldDiff[] {
  const [before, after] = [new Map(leaves(old as Json, "")), new Map(leaves(now as Json, ""))];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    return [...fieldDiff(path, was, is), ...sameField(path, was, is)];
  });
}

function leaves(value: Json, path: string): [string, string][] {
  if (typeof value !== "object" || value === null) return [[path, shown(value)]];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, path === "" ? key : `${path}[${key}]`));
}
