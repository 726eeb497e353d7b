import { object, opaqueMap, string, stringMap } from "../schema/builders.ts";
import { rule } from "../schema/check.ts";
import type { Value } from "../schema/schema.ts";
import { type Protocol, protocols } from "./service-defaults.ts";

export const proxyDefaults = object("proxy-defaults", "What holds for every proxy of the mesh.", {
  Kind: string("", { oneOf: ["proxy-defaults"] }),
  Name: string("Always `global`."),
  Config: opaqueMap("Settings of every proxy, such as `protocol`."),
  Meta: stringMap("Facts for people and programs."),
});

export type ProxyDefaults = Value<typeof proxyDefaults>;

export const proxyDefaultsRules = [
  rule(proxyDefaults, "Name", ({ Name }) => Name !== "global" && 'The one such entry is named "global".'),
  rule(proxyDefaults, "Config", ({ Config: { protocol = null } }) =>
    protocol !== null && !protocols.includes(protocol as Protocol)
      ? [{ at: ["Config", "protocol"], detail: `Expected one of ${protocols.join(", ")}.` }]
      : null,
  ),
];
