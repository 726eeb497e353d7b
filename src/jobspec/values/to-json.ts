import type { Json } from "#model/schema/schema.ts";
import { toDouble } from "./number.ts";
import type { Value } from "./value.ts";

/** The value as data. A typed map of objects becomes a list of them, as drivers expect of repeated blocks. */
export function toJson(value: Value): Json {
  switch (value.kind) {
    case "null":
    case "unknown":
      return null;
    case "string":
      return value.text;
    case "number":
      return toDouble(value.number);
    case "bool":
      return value.truth;
    case "list":
    case "set":
    case "tuple":
      return value.items.map(toJson);
    case "map":
      if (value.element.kind === "map" || value.element.kind === "object")
        return Array.from(value.entries.values(), toJson);
      return entriesToJson(value.entries);
    case "object":
      return entriesToJson(value.entries);
  }
}

function entriesToJson(entries: ReadonlyMap<string, Value>): Json {
  return Object.fromEntries(Array.from(entries, ([key, item]) => [key, toJson(item)]));
}
