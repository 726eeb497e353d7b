import { block, integer, list, object, string, stringMap } from "../schema/builders.ts";
import { rule } from "../schema/check.ts";
import type { Value } from "../schema/schema.ts";

export const sourceIntention = object("source", "One source, and whether it may.", {
  Name: string("A service, or `*` for every service."),
  Action: string("`allow` or `deny`.", { oneOf: ["allow", "deny"] }),
  Precedence: integer("Computed: which intention decides where several match. Ignored when written."),
  Type: string("Always `consul`.", { default: "consul", oneOf: ["consul"] }),
  Description: string("For people.", { maxLength: 512 }),
});

export type SourceIntention = Value<typeof sourceIntention>;

export const serviceIntentions = object("service-intentions", "Who may reach a service.", {
  Kind: string("", { oneOf: ["service-intentions"] }),
  Name: string("The destination, or `*` for every service."),
  Sources: list(sourceIntention, "The sources, each once.", { hcl: block("sources") }),
  Meta: stringMap("Facts for people and programs."),
});

export type ServiceIntentions = Value<typeof serviceIntentions>;

const wildcardAlone = (name: string) =>
  name !== "*" && name.includes("*") && "The wildcard * stands alone, for every service.";

export const serviceIntentionsRules = [
  rule(serviceIntentions, "Name", ({ Name }) => wildcardAlone(Name)),
  rule(
    serviceIntentions,
    "Sources",
    ({ Sources }) => Sources.length === 0 && "At least one source is needed.",
  ),
  rule(serviceIntentions, "Sources", ({ Sources }) =>
    Sources.flatMap(({ Name }, i) =>
      Sources.findIndex((other) => other.Name === Name) < i
        ? [{ at: ["Sources", i, "Name"], detail: `"${Name}" is named more than once.` }]
        : [],
    ),
  ),
  rule(sourceIntention, "Name", ({ Name }) => Name === "" && "Name a service, or * for all of them."),
  rule(sourceIntention, "Name", ({ Name }) => wildcardAlone(Name)),
  rule(sourceIntention, "Action", ({ Action }) => (Action as string) === "" && 'Expected "allow" or "deny".'),
];
