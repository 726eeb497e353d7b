import { type Diagnostic, errorAt } from "../diagnostic.ts";
import { integer, object, optional, string, strings } from "../schema/builders.ts";
import { canonical } from "../schema/canonical.ts";
import { check } from "../schema/check.ts";
import { decode, UNKNOWN_KEY } from "../schema/decode.ts";

import type { Input, Value } from "../schema/schema.ts";
import { listProblem, objectProblem } from "./json-text.ts";
import { protocols } from "./protocol.ts";

const milliseconds = { min: 0, max: 2 ** 31 } as const;

/**
 * The keys of a proxy's `Config`: of a registration, of a job's `proxy` block and of proxy-defaults. Names
 * are Consul's, also in snake_case.
 */
export const proxyConfig = object("Config", "Settings of a proxy.", {
  Protocol: string("What the task speaks.", { oneOf: ["", ...protocols] }),
  BindAddress: string("Where the proxy takes connections of the mesh; all addresses if not set."),
  BindPort: integer("The port there; that of the registration if not set.", { max: 65535 }),
  LocalConnectTimeoutMs: integer("How long the proxy tries to connect to its task.", milliseconds),
  LocalRequestTimeoutMs: optional(integer("", milliseconds), "How long a task may take for an answer."),
  LocalIdleTimeoutMs: optional(integer("", milliseconds), "How long a request may stand still."),
  MaxInboundConnections: integer("The most connections to the task; 0 sets no limit.", milliseconds),
  BalanceInboundConnections: string("`exact_balance` shares connections evenly among threads."),
  MaxRequestHeadersKB: optional(
    integer("", { min: 1, max: 8192 }),
    "The most that headers may take, in KiB.",
  ),
  XdsFetchTimeoutMs: optional(
    integer("", milliseconds),
    "How long the proxy waits for routes and endpoints.",
  ),
  EnvoyPublicListenerJSON: string("A public listener in place of the computed one, as JSON."),
  EnvoyListenerTracingJSON: string("How HTTP listeners trace requests, as JSON."),
  EnvoyLocalClusterJSON: string("A cluster of the task in place of the computed one, as JSON."),
  EnvoyPrometheusBindAddr: string("Where metrics are scraped, as address:port."),
  EnvoyStatsBindAddr: string("Where statistics are shown, as address:port."),
  EnvoyStatsTags: strings("Tags of all statistics, `name=value` each."),
  EnvoyStatsFlushInterval: string("How often statistics are sent on, such as `5s`."),
  EnvoyStatsConfigJSON: string("Envoy's `stats_config`, as JSON."),
  EnvoyExtraStatsSinksJSON: string("More of Envoy's `stats_sinks`, as JSON, without the outer brackets."),
  EnvoyExtraStaticClustersJSON: string("More static clusters, as JSON, without the outer brackets."),
  EnvoyExtraStaticListenersJSON: string("More static listeners, as JSON, without the outer brackets."),
  EnvoyBootstrapJSONTpl: string("Envoy's whole bootstrap, as a template in Go's language that gives JSON."),
  EnvoyTracingJSON: string("Envoy's `tracing`, as JSON."),
  EnvoyStatsdURL: string("Where statistics are sent in statsd's form, such as `udp://127.0.0.1:8125`."),
  EnvoyDogstatsdURL: string("The same with tags, in DogStatsD's form."),
});

export type ProxyConfig = Value<typeof proxyConfig>;

/** Those that an Envoy reads once, when it starts. */
export const bootstrapKeys = [
  "EnvoyPrometheusBindAddr",
  "EnvoyStatsBindAddr",
  "EnvoyStatsTags",
  "EnvoyStatsFlushInterval",
  "EnvoyStatsConfigJSON",
  "EnvoyExtraStatsSinksJSON",
  "EnvoyExtraStaticClustersJSON",
  "EnvoyExtraStaticListenersJSON",
  "EnvoyBootstrapJSONTpl",
  "EnvoyTracingJSON",
  "EnvoyStatsdURL",
  "EnvoyDogstatsdURL",
] as const satisfies readonly (keyof ProxyConfig)[];

/** Several `Config`s as one: a later one goes before an earlier one, key by key. */
export function proxyConfigOf(...configs: readonly Readonly<Record<string, unknown>>[]): ProxyConfig {
  return canonical(proxyConfig, Object.assign({}, ...configs.map(readProxyConfig)) as Input<ProxyConfig>);
}

/** What a `Config` says; keys that it does not know and values of a wrong kind are left out. */
export function readProxyConfig(config: Readonly<Record<string, unknown>>): Input<ProxyConfig> {
  return decode(proxyConfig, config, { lenient: true }).value;
}

const objects = [
  "EnvoyPublicListenerJSON",
  "EnvoyListenerTracingJSON",
  "EnvoyLocalClusterJSON",
  "EnvoyStatsConfigJSON",
  "EnvoyTracingJSON",
] as const;

const lists = [
  "EnvoyExtraStatsSinksJSON",
  "EnvoyExtraStaticClustersJSON",
  "EnvoyExtraStaticListenersJSON",
] as const;

/** What is wrong with the keys of a `Config` that are known; there may be others. */
export function proxyConfigProblems(config: Readonly<Record<string, unknown>>): Diagnostic[] {
  const { value, problems } = decode(proxyConfig, config, { lenient: true });
  const whole = canonical(proxyConfig, value);
  const texts = [
    ...objects.map((key) => [key, whole[key] === "" ? null : objectProblem(whole[key])] as const),
    ...lists.map((key) => [key, listProblem(`[${whole[key]}]`)] as const),
  ];
  return [
    ...problems.filter(({ summary }) => summary !== UNKNOWN_KEY),
    ...check(proxyConfig, whole),
    ...texts.flatMap(([key, detail]) => (detail === null ? [] : [errorAt([key], "Invalid JSON", detail)])),
  ];
}
