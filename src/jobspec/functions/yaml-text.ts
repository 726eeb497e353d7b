import { toText } from "../values/number.ts";
import type { Value } from "../values/value.ts";

/** The value as a YAML document in block style: text in double quotes, or as a literal block when it has line breaks. */
export function toYamlText(value: Value): string {
  const text = block(value, 0);
  const isPlain = !("items" in value) && !("entries" in value) && value.kind !== "string";
  return `${text}\n${isPlain ? "...\n" : ""}`;
}

/** The value from where it begins; further lines are indented by at least `indent`. */
function block(value: Value, indent: number): string {
  if ("items" in value && value.items.length > 0) return sequence(value.items, indent);
  if ("entries" in value && value.entries.size > 0) return mapping(value.entries, indent);
  return scalar(value, indent, indent);
}

function sequence(items: readonly Value[], indent: number): string {
  return items
    .map((item) => `- ${block(item, indent + 2)}`)
    .map((text) => text.replace(/^- $/, "-"))
    .join(lineAt(indent));
}

function mapping(entries: ReadonlyMap<string, Value>, indent: number): string {
  return Array.from(entries, ([key, value]) => entry(key, value, indent)).join(lineAt(indent));
}

function lineAt(indent: number): string {
  return `\n${" ".repeat(indent)}`;
}

/** A key of several lines, or a very long one, stands behind a question mark. */
function entry(key: string, value: Value, indent: number): string {
  const isSimple = !key.includes("\n") && key.length <= 128;
  if (!isSimple) return `? ${text(key, indent, 2)}${lineAt(indent)}: ${block(value, indent + 2)}`;
  const name = `${quoted(key, null, 0)}:`;
  if ("items" in value && value.items.length > 0)
    return `${name}${lineAt(indent)}${sequence(value.items, indent)}`;
  if ("entries" in value && value.entries.size > 0)
    return `${name}${lineAt(indent + 2)}${mapping(value.entries, indent + 2)}`;
  return `${name} ${scalar(value, indent, indent + name.length + 1)}`;
}

function scalar(value: Value, indent: number, column: number): string {
  switch (value.kind) {
    case "string":
      return text(value.text, indent, column);
    case "number":
      return toText(value.number);
    case "bool":
      return String(value.truth);
    case "null":
    case "unknown":
      return "null";
    case "list":
    case "set":
    case "tuple":
      return "[]";
    case "map":
    case "object":
      return "{}";
  }
}

function text(content: string, indent: number, column: number): string {
  return isLiteral(content) ? literal(content, indent) : quoted(content, indent + 2, column);
}

/** What a literal block can hold: only printable characters, and no space at the end of a line. */
function isLiteral(content: string): boolean {
  return (
    content.includes("\n") &&
    !/ \n| $/.test(content) &&
    Array.from(content).every((character) => character === "\n" || isPrintable(character))
  );
}

function isPrintable(character: string): boolean {
  return /^[\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(character);
}

function literal(content: string, indent: number): string {
  const hint = /^[ \n]/.test(content) ? "2" : "";
  const chomp = !content.endsWith("\n") ? "-" : content === "\n" || content.endsWith("\n\n") ? "+" : "";
  const lines = content.replace(/\n$/, "").split("\n");
  return `|${hint}${chomp}\n${lines.map((line) => (line === "" ? "" : " ".repeat(indent + 2) + line)).join("\n")}`;
}

const bestWidth = 80;

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

/** `fold` is the indentation of further lines, null where there may be none. */
function quoted(content: string, fold: number | null, start: number): string {
  const characters = [...content];
  let result = '"';
  let column = start + 1;
  let afterSpace = false;
  for (const [index, character] of characters.entries()) {
    const isSpace = character === " ";
    const folds =
      fold !== null &&
      isSpace &&
      !afterSpace &&
      column > bestWidth &&
      index > 0 &&
      index < characters.length - 1;
    if (folds) {
      const keepsSpace = characters[index + 1] === " " ? "\\" : "";
      result += `\n${" ".repeat(fold)}${keepsSpace}`;
      column = fold + keepsSpace.length;
    } else {
      const written = escapedCharacter(character);
      result += written;
      column += written.length;
    }
    afterSpace = isSpace;
  }
  return `${result}"`;
}

function escapedCharacter(character: string): string {
  const known = Object.hasOwn(escapes, character) ? escapes[character] : undefined;
  if (known !== undefined) return known;
  if (isPrintable(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const [letter, width] = code <= 0xff ? ["x", 2] : code <= 0xffff ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(width, "0")}`;
}
