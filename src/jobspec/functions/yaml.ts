import { createRequire } from "node:module";
import type { Alias, Document, Scalar, YAMLMap } from "yaml";
import type { Budget } from "../evaluate/budget.ts";
import { FunctionError } from "../evaluate/function.ts";
import { parseNumber } from "../values/number.ts";
import type { Value } from "../values/value.ts";
import {
  boolValue,
  integerValue,
  nullValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
} from "../values/value.ts";
import { weightOf } from "../values/weight.ts";
import { define } from "./define.ts";
import { toYamlText } from "./yaml-text.ts";

const require = createRequire(import.meta.url);

const longestSource = 1_000_000;

export const yamlFunctions = {
  yamldecode: define({ src: "text" }, ({ src }, budget) => decodeYaml(src, budget)),
  yamlencode: define({ value: "nullable" }, ({ value }, budget) => {
    budget.spend(weightOf(value));
    return stringValue(toYamlText(value));
  }),
};

/** One document; its scalars are read here, by the rules of YAML 1.1 as far as they are in use. */
function decodeYaml(source: string, budget: Budget): Value {
  if (source.length > longestSource)
    throw new FunctionError(`at most ${longestSource} characters of YAML are read`, 0);
  const yaml = require("yaml") as typeof import("yaml");
  const documents = yaml.parseAllDocuments(source, {
    schema: "failsafe",
    uniqueKeys: false,
    logLevel: "silent",
  });
  const [document, ...others] = "empty" in documents ? [] : documents;
  if (document === undefined || document.contents === null)
    throw new FunctionError("missing start of document");
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new FunctionError(placed(problem.linePos?.[0], problem.message.split("\n")[0] ?? ""));
  if (others.length > 0) throw new FunctionError("only a single document is allowed");
  return new YamlReader(yaml, document, budget).value(document.contents);
}

function placed(position: { line: number; col: number } | undefined, message: string): string {
  const text = message.replace(/ at line \d+, column \d+:?$/, "");
  return position === undefined ? text : `on line ${position.line}, column ${position.col}: ${text}`;
}

class YamlReader {
  readonly #yaml: typeof import("yaml");
  readonly #document: Document.Parsed;
  readonly #budget: Budget;
  readonly #done = new Map<unknown, Value | "begun">();

  constructor(yaml: typeof import("yaml"), document: Document.Parsed, budget: Budget) {
    this.#yaml = yaml;
    this.#document = document;
    this.#budget = budget;
  }

  value(node: unknown): Value {
    this.#budget.spend(1);
    if (this.#yaml.isAlias(node)) return this.#alias(node);
    const done = this.#done.get(node);
    if (done !== undefined && done !== "begun") return done;
    this.#done.set(node, "begun");
    const value = this.#read(node);
    this.#done.set(node, value);
    return value;
  }

  #read(node: unknown): Value {
    if (this.#yaml.isMap(node)) return objectValue(this.#entries(node));
    if (this.#yaml.isSeq(node)) return tupleValue(node.items.map((item) => this.value(item)));
    return this.#yaml.isScalar(node) ? scalar(node) : nullValue;
  }

  #alias(alias: Alias): Value {
    const target = alias.resolve(this.#document);
    const done = this.#done.get(target);
    if (target === undefined)
      throw new FunctionError(`reference to undefined anchor ${JSON.stringify(alias.source)}`);
    if (done === undefined || done === "begun") {
      throw new FunctionError(
        `cannot refer to anchor ${JSON.stringify(alias.source)} from inside its own definition`,
      );
    }
    this.#budget.spend(weightOf(done));
    return done;
  }

  #entries(map: YAMLMap): [string, Value][] {
    return map.items.flatMap((pair) => {
      const value = this.value(pair.value);
      const { key } = pair;
      if (this.#yaml.isScalar(key) && key.value === "<<" && key.type === "PLAIN") return merged(value);
      if (!this.#yaml.isScalar(key)) throw new FunctionError("only strings are allowed as mapping keys");
      return [[this.#key(key), value] satisfies [string, Value]];
    });
  }

  #key(key: Scalar): string {
    const value = scalar(key);
    if (value.kind === "null") throw new FunctionError("mapping key cannot be null");
    return stringValue(String(key.value)).text;
  }
}

function merged(value: Value): [string, Value][] {
  if (value.kind === "object") return [...value.entries];
  if (value.kind === "tuple") return value.items.flatMap(merged);
  throw new FunctionError(`cannot merge ${value.kind} into mapping`);
}

const constants: ReadonlyMap<string, Value> = new Map(
  [
    [["y", "yes", "true", "on"], boolValue(true)] as const,
    [["n", "no", "false", "off"], boolValue(false)] as const,
    [["~", "null"], nullValue] as const,
  ].flatMap(([words, value]) =>
    words.flatMap((word) =>
      [word, word.toUpperCase(), (word[0] ?? "").toUpperCase() + word.slice(1)].map(
        (form): [string, Value] => [form, value],
      ),
    ),
  ),
);

const standardTags = ["str", "bool", "int", "float", "null", "timestamp", "binary"].map(
  (name) => `tag:yaml.org,2002:${name}`,
);

function scalar(node: Scalar): Value {
  const text = String(node.value ?? "");
  const tag = node.tag ?? "";
  if (tag !== "" && !standardTags.includes(tag))
    throw new FunctionError(`unsupported tag ${JSON.stringify(tag)}`);
  if (node.type !== "PLAIN" || /:(str|binary)$/.test(tag)) return stringValue(text);
  if (text === "") return nullValue;
  return constants.get(text) ?? plainNumber(text) ?? timestamp(text) ?? stringValue(text);
}

function plainNumber(text: string): Value | null {
  if (/^[-+]?\.inf$/i.test(text) || /^\.nan$/i.test(text))
    throw new FunctionError(`${text} cannot be used: it is not a finite number`);
  if (/^0x[0-9a-fA-F]+$|^0o[0-7]+$/.test(text)) return integerValue(BigInt(text));
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text)) return null;
  const number = parseNumber(text);
  if (number === null) throw new FunctionError("a number is of absurd size");
  return numberValue(number);
}

/** Dates and times are brought into the form of RFC 3339. */
function timestamp(text: string): Value | null {
  const match =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt ](\d\d?):(\d\d?):(\d\d?)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (match === null) return null;
  const [year, month, day, hours = "0", minutes = "0", seconds = "0"] = match
    .slice(1, 7)
    .map((part) => part?.padStart(2, "0"));
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return null;
  const two = (part: string | undefined) => (part ?? "").padStart(2, "0");
  return stringValue(
    `${year}-${month}-${day}T${two(hours)}:${two(minutes)}:${two(seconds)}${match[7] ?? "Z"}`,
  );
}
