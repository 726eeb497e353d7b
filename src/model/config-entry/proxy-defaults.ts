import { object, opaqueMap, optional, string } from "../schema/builders.ts";
import { rule } from "../schema/check.ts";
import type { Value } from "../schema/schema.ts";
import { accessLogs } from "./access-logs.ts";
import { meta } from "./meta.ts";
import { proxyConfigProblems } from "./proxy-config.ts";
import { settingsOfProxies } from "./proxy-settings.ts";

export const proxyDefaults = object("proxy-defaults", "What holds for every proxy of the mesh.", {
  Kind: string("", { oneOf: ["proxy-defaults"] }),
  Name: string("Always `global`."),
  Config: opaqueMap("Settings of every proxy, such as `protocol`."),
  ...settingsOfProxies,
  AccessLogs: optional(accessLogs),
  Meta: meta,
});

export type ProxyDefaults = Value<typeof proxyDefaults>;

export const proxyDefaultsRules = [
  rule(proxyDefaults, "Name", ({ Name }) => Name !== "global" && 'The one such entry is named "global".'),
  rule(proxyDefaults, "Config", ({ Config }) =>
    proxyConfigProblems(Config).map(({ path = [], detail }) => ({ at: ["Config", ...path], detail })),
  ),
];
