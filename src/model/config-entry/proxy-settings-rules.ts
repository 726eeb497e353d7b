import { rule } from "../schema/check.ts";
import type { Json } from "../schema/schema.ts";
import { versionConstraintProblem } from "../version.ts";
import { accessLogs } from "./access-logs.ts";
import { operatorProblem } from "./command-operators.ts";
import { jsonIn, objectProblem } from "./json-text.ts";
import { beginsWithSlash, repeated } from "./match-rules.ts";
import { envoyExtension, expose, exposedPath } from "./proxy-settings.ts";
import { upstreamConfig, upstreamDefaults, upstreamOverride } from "./upstream-config.ts";

/** What must hold of the parts that several kinds share. */

function formatProblem(json: Json | undefined): string | null {
  if (typeof json === "string") return operatorProblem(json);
  if (typeof json !== "object" || json === null) return null;
  return (
    Object.values(json)
      .map(formatProblem)
      .find((problem) => problem !== null) ?? null
  );
}

const exposeRules = [
  rule(exposedPath, "Path", ({ Path }) => (Path === "" ? "Say which path." : beginsWithSlash(Path))),
  rule(exposedPath, "ListenerPort", ({ ListenerPort }) => ListenerPort === 0 && "A port is from 1 to 65535."),
  rule(
    exposedPath,
    "LocalPathPort",
    ({ LocalPathPort }) => LocalPathPort === 0 && "A port is from 1 to 65535.",
  ),
  rule(expose, "Paths", ({ Paths }) =>
    repeated(
      Paths,
      ({ Path, ListenerPort }) => `${ListenerPort} ${Path}`,
      (i) => ({ at: ["Paths", i], detail: "A path before it has the same path and listener port." }),
    ),
  ),
];

const accessLogRules = [
  rule(
    accessLogs,
    "Path",
    ({ Type, Path }) => (Type === "file") !== (Path !== "") && 'The type "file" and a Path need one another.',
  ),
  rule(
    accessLogs,
    "TextFormat",
    ({ JSONFormat, TextFormat }) =>
      JSONFormat !== "" && TextFormat !== "" && "JSONFormat and TextFormat exclude one another.",
  ),
  rule(accessLogs, "TextFormat", ({ TextFormat }) => operatorProblem(TextFormat)),
  rule(accessLogs, "JSONFormat", ({ JSONFormat }) =>
    JSONFormat === "" ? null : (objectProblem(JSONFormat) ?? formatProblem(jsonIn(JSONFormat))),
  ),
];

const upstreamRules = [
  rule(upstreamDefaults, "Name", ({ Name }) => Name !== "" && "The defaults are for every upstream."),
  rule(upstreamDefaults, "Peer", ({ Peer }) => Peer !== "" && "The defaults are for every upstream."),
  rule(upstreamOverride, "Name", ({ Name }) => (Name === "" || Name === "*") && "Name one upstream."),
  rule(upstreamConfig, "Overrides", ({ Overrides }) =>
    repeated(
      Overrides,
      ({ Name, Peer }) => JSON.stringify([Name, Peer]),
      (i, { Name }) => ({ at: ["Overrides", i, "Name"], detail: `"${Name}" is named more than once.` }),
    ),
  ),
  ...[upstreamDefaults, upstreamOverride].flatMap((settings) => [
    rule(settings, "EnvoyListenerJSON", ({ EnvoyListenerJSON: json }) => json !== "" && objectProblem(json)),
    rule(settings, "EnvoyClusterJSON", ({ EnvoyClusterJSON: json }) => json !== "" && objectProblem(json)),
  ]),
];

const constraintProblem = (text: string) => (text === "" ? null : versionConstraintProblem(text));

export const proxySettingsRules = [
  ...exposeRules,
  ...accessLogRules,
  ...upstreamRules,
  rule(envoyExtension, "Name", ({ Name }) => Name === "" && "Name the extension."),
  rule(envoyExtension, "ConsulVersion", ({ ConsulVersion }) => constraintProblem(ConsulVersion)),
  rule(envoyExtension, "EnvoyVersion", ({ EnvoyVersion }) => constraintProblem(EnvoyVersion)),
];
