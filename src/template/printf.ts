import { kindOf, textOfValue, toPlain, type Value } from "./value.ts";

const VERB = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+))?([a-zA-Z%])/g;

/** Go's `fmt.Sprintf`, for the verbs that make sense for texts, numbers, truth values, lists and maps. */
export function sprintf(format: string, values: readonly Value[]): string {
  let next = 0;
  const take = (): Value => values[next++];
  const text = format.replaceAll(
    VERB,
    (_, flags: string, width = "", precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      const wide = width === "*" ? Number(take()) : Number(width || 0);
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const value = take();
      const shown = formatted(verb, value, flags, precision === undefined ? null : Number(precision));
      return padded(shown, wide, flags, typeof value === "number");
    },
  );
  const surplus = values.slice(next).map((value) => `${typeOf(value)}=${textOfValue(value)}`);
  return surplus.length === 0 ? text : `${text}%!(EXTRA ${surplus.join(", ")})`;
}

function formatted(verb: string, value: Value, flags: string, precision: number | null): string {
  switch (verb) {
    case "v":
      return flags.includes("#") && typeof value === "string" ? JSON.stringify(value) : textOfValue(value);
    case "s":
      return cut(typeof value === "string" ? value : textOfValue(value), precision);
    case "q":
      return JSON.stringify(typeof value === "string" ? value : textOfValue(value));
    case "T":
      return typeOf(value);
    case "t":
      return typeof value === "boolean" ? String(value) : mismatch(verb, value);
    case "x":
    case "X":
      return hexadecimal(verb, value, flags);
    default:
      return typeof value === "number" ? number(verb, value, flags, precision) : mismatch(verb, value);
  }
}

function cut(text: string, precision: number | null): string {
  return precision === null ? text : [...text].slice(0, precision).join("");
}

function hexadecimal(verb: string, value: Value, flags: string): string {
  const digits =
    typeof value === "number"
      ? signed(value, flags, (absolute) => `${flags.includes("#") ? "0x" : ""}${absolute.toString(16)}`)
      : Buffer.from(String(value)).toString("hex");
  return verb === "X" ? digits.toUpperCase() : digits;
}

const BASES: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8 };

function number(verb: string, value: number, flags: string, precision: number | null): string {
  const base = BASES[verb];
  if (base !== undefined)
    return Number.isInteger(value)
      ? signed(value, flags, (absolute) => absolute.toString(base))
      : mismatch(verb, value);
  switch (verb) {
    case "f":
    case "F":
      return signed(value, flags, (absolute) => absolute.toFixed(precision ?? 6));
    case "e":
    case "E":
      return exponential(verb, value, flags, precision ?? 6);
    case "g":
    case "G":
      return signed(value, flags, (absolute) =>
        precision === null ? String(absolute) : String(Number(absolute.toPrecision(precision))),
      );
    case "c":
      return String.fromCodePoint(value);
    case "U":
      return `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
    default:
      return mismatch(verb, value);
  }
}

/** Go writes at least two digits of the exponent. */
function exponential(verb: string, value: number, flags: string, precision: number): string {
  const text = signed(value, flags, (absolute) => absolute.toExponential(precision));
  const long = text.replace(/e([+-])(\d)$/, "e$10$2");
  return verb === "E" ? long.toUpperCase() : long;
}

function signed(value: number, flags: string, show: (absolute: number) => string): string {
  const sign =
    value < 0 || Object.is(value, -0) ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  return sign + show(Math.abs(value));
}

function padded(text: string, width: number, flags: string, isNumber: boolean): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (!flags.includes("0")) return " ".repeat(missing) + text;
  const [, sign = "", rest = ""] = isNumber ? (/^([+-]?)(.*)$/s.exec(text) ?? []) : ["", "", text];
  return sign + "0".repeat(missing) + rest;
}

function typeOf(value: Value): string {
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  return kindOf(value).replace("a ", "");
}

function mismatch(verb: string, value: Value): string {
  const shown = typeof value === "object" ? JSON.stringify(toPlain(value)) : textOfValue(value);
  return `%!${verb}(${typeOf(value)}=${shown})`;
}
