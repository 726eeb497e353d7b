import type { Node } from "#model/node.ts";
import type { Json } from "#model/schema/schema.ts";

/** What `${…}` may refer to on a node. */
export interface References {
  /** The task's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** `attr.…`, `meta.…` and `node.…`, in full. */
  readonly node: Readonly<Record<string, string>>;
}

const REFERENCE = /\$\{\s*([^{}]*?)\s*\}/g;
const ENVIRONMENT_VARIABLE = /^env(?:\["(.*)"\]|\.(.*))$/;

/**
 * Puts values for `${NOMAD_…}`, `${env["…"]}`, `${attr.…}`, `${meta.…}` and `${node.…}`. An environment
 * variable that is not set is empty text; any other unknown reference stays as it is, as in Nomad.
 */
export function interpolate(text: string, { environment, node }: References): string {
  return text.replaceAll(REFERENCE, (reference, name: string) => {
    const variable = ENVIRONMENT_VARIABLE.exec(name);
    if (variable !== null) return environment[variable[1] ?? variable[2] ?? ""] ?? "";
    return environment[name] ?? node[name] ?? reference;
  });
}

/** Every text in some JSON, keys of objects left as they are. */
export function interpolateJson(json: Json, references: References): Json {
  if (typeof json === "string") return interpolate(json, references);
  if (Array.isArray(json)) return json.map((item) => interpolateJson(item, references));
  if (typeof json !== "object" || json === null) return json;
  return mapValues(json, (value) => interpolateJson(value, references));
}

export function interpolateValues(
  values: Readonly<Record<string, string>>,
  references: References,
): Record<string, string> {
  return mapValues(values, (value) => interpolate(value, references));
}

/** The node's part of what can be referred to. */
export function nodeReferences(node: Node): Record<string, string> {
  const named = (head: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => [`${head}.${name}`, value]);
  return Object.fromEntries([
    ["node.unique.id", node.ID],
    ["node.unique.name", node.Name],
    ["node.datacenter", node.Datacenter],
    ["node.region", "global"],
    ["node.class", node.NodeClass],
    ["node.pool", node.NodePool],
    ...named("attr", node.Attributes),
    ...named("meta", node.Meta),
  ]);
}

function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]));
}
