import { object, stringMap, strings } from "../schema/builders.ts";
import { type Finding, rule } from "../schema/check.ts";
import type { Value } from "../schema/schema.ts";
import { operatorProblem } from "./command-operators.ts";
import { controlCharacters, headerNameProblem } from "./match-rules.ts";

export const headerModifiers = object("headers", "Changes to the headers of a request or a response.", {
  Add: stringMap("Headers to add."),
  Set: stringMap("Headers to set."),
  Remove: strings("Headers to take away."),
});

export type HeaderModifiers = Value<typeof headerModifiers>;

/** Envoy never changes these. */
const isFixed = (name: string) =>
  (name.startsWith(":") || name.toLowerCase() === "host") && `Envoy does not change "${name}".`;

function valueFindings(field: "Add" | "Set", headers: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const detail =
      isFixed(name) || headerNameProblem(name) || controlCharacters(value) || operatorProblem(value);
    return detail ? [{ at: [field, name], detail }] : [];
  });
}

export const headerModifiersRules = [
  rule(headerModifiers, "Add", (headers) => valueFindings("Add", headers.Add)),
  rule(headerModifiers, "Set", (headers) => valueFindings("Set", headers.Set)),
  rule(headerModifiers, "Remove", ({ Remove }) =>
    Remove.flatMap((name, i) => {
      const detail = isFixed(name) || headerNameProblem(name);
      return detail ? [{ at: ["Remove", i], detail }] : [];
    }),
  ),
];
