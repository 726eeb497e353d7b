import { toText } from "../values/number.ts";
import type { Value } from "../values/value.ts";

/** Characters that are escaped so that the text can stand inside HTML. */
const escaped = /[<>&\u2028\u2029]/g;

/** The value as JSON, compact, its keys in order. */
export function toJsonText(value: Value): string {
  switch (value.kind) {
    case "null":
    case "unknown":
      return "null";
    case "string":
      return quoted(value.text);
    case "number":
      return toText(value.number);
    case "bool":
      return String(value.truth);
    case "list":
    case "set":
    case "tuple":
      return `[${value.items.map(toJsonText).join(",")}]`;
    case "map":
    case "object":
      return `{${Array.from(value.entries, ([key, item]) => `${quoted(key)}:${toJsonText(item)}`).join(",")}}`;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    escaped,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
