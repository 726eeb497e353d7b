import { createHash, createHmac } from "node:crypto";
import { parse as parseYaml, stringify as yamlOf } from "yaml";
import type { TemplateFunctions } from "../execute.ts";
import { entriesOf, fromPlain, textOfValue, toPlain, type Value } from "../value.ts";
import { number, text } from "./arguments.ts";

/** From and to other notations, and digests. */
export const encodingFunctions: TemplateFunctions = {
  base64Decode: (value) => Buffer.from(text(value), "base64").toString("utf8"),
  base64Encode: (value) => Buffer.from(text(value)).toString("base64"),
  base64URLDecode: (value) => Buffer.from(text(value), "base64url").toString("utf8"),
  base64URLEncode: (value) => Buffer.from(text(value)).toString("base64url"),
  hmacSHA256Hex: (value, key) => createHmac("sha256", text(key)).update(text(value)).digest("hex"),
  md5sum: (value) => createHash("md5").update(text(value)).digest("hex"),
  sha256Hex: (value) => createHash("sha256").update(text(value)).digest("hex"),
  parseBool: (value) => truth(text(value)),
  parseFloat: (value) => (text(value) === "" ? 0 : number(value)),
  parseInt: (value) => (text(value) === "" ? 0 : Math.trunc(number(value))),
  parseUint: (value) => (text(value) === "" ? 0 : Math.abs(Math.trunc(number(value)))),
  parseJSON: (value) => (text(value) === "" ? new Map() : json(text(value))),
  parseYAML: (value) =>
    text(value) === "" ? new Map() : fromPlain(parseYaml(text(value), { maxAliasCount: 100 })),
  // HTML's characters are escaped, as Go does it.
  toJSON: (value) => goEscaped(JSON.stringify(sorted(value))),
  toJSONPretty: (value) => goEscaped(JSON.stringify(sorted(value), null, 2)),
  toUnescapedJSON: (value) => JSON.stringify(sorted(value)),
  toUnescapedJSONPretty: (value) => JSON.stringify(sorted(value), null, 2),
  toYAML: (value) => yamlOf(sorted(value)).trimEnd(),
  toTOML: (value) => toml(value),
};

function truth(value: string): boolean {
  if (value === "") return false;
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw new Error(`"${value}" is neither true nor false`);
}

function json(value: string): Value {
  try {
    return fromPlain(JSON.parse(value));
  } catch (error) {
    throw new Error(`this is not JSON: ${(error as Error).message}`);
  }
}

/** Entries of maps come out in order already. */
function sorted(value: Value): unknown {
  return toPlain(value) ?? null;
}

function goEscaped(value: string): string {
  return value.replaceAll(/[<>&]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`);
}

function toml(value: Value, path: readonly string[] = []): string {
  const entries = entriesOf(value) ?? [];
  const simple = entries.filter(([, each]) => entriesOf(each) === null);
  const tables = entries.filter(([, each]) => entriesOf(each) !== null);
  const lines = simple.map(([key, each]) => `${tomlKey(key)} = ${tomlValue(each)}`);
  const inner = tables.map(([key, each]) => {
    const name = [...path, key];
    return `[${name.map(tomlKey).join(".")}]\n${toml(each, name)}`;
  });
  return [...lines, ...inner].join("\n");
}

function tomlKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function tomlValue(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : textOfValue(value);
}
