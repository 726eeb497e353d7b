import { type Diagnostic, errorAt } from "../diagnostic.ts";
import { stringMap } from "../schema/builders.ts";

/** Of every kind; Consul's bounds. */
export const meta = stringMap("Facts for people and programs: at most 64.");

const most = 64;
const longestKey = 128;
const longestValue = 512;

export function metaProblems(given: Readonly<Record<string, string>>): Diagnostic[] {
  const pairs = Object.entries(given);
  const tooMany =
    pairs.length > most ? [problem([], `At most ${most} are allowed, but there are ${pairs.length}.`)] : [];
  return [
    ...tooMany,
    ...pairs.flatMap(([key, value]) => {
      if (key.length > longestKey) return [problem([key], `A key has at most ${longestKey} characters.`)];
      if (!/^[A-Za-z0-9_-]+$/.test(key))
        return [problem([key], "A key has letters, digits, dashes and underscores.")];
      return value.length > longestValue
        ? [problem([key], `A value has at most ${longestValue} characters.`)]
        : [];
    }),
  ];
}

const problem = (path: readonly string[], detail: string) =>
  errorAt(["Meta", ...path], "Invalid Meta", detail);
