import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import { type ProxyConfig, proxyConfig, readProxyConfig } from "#model/config-entry/proxy-config.ts";
import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";
import type { UpstreamSettings } from "#model/config-entry/upstream-config.ts";
import { type Diagnostic, errorAt, type Path } from "#model/diagnostic.ts";
import { canonical } from "#model/schema/canonical.ts";
import { bootstrapTemplateProblem } from "./bootstrap-template.ts";
import { anyFromJson } from "./envoy-json.ts";
import { extensionProblems } from "./extensions/extend.ts";

const listener = "envoy.config.listener.v3.Listener";
const cluster = "envoy.config.cluster.v3.Cluster";

/** Keys of a proxy's `Config` that hold messages of Envoy's as JSON, by the message. */
const messages: Readonly<Partial<Record<keyof ProxyConfig, string>>> = {
  EnvoyPublicListenerJSON: listener,
  EnvoyLocalClusterJSON: cluster,
  EnvoyListenerTracingJSON:
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing",
  EnvoyStatsConfigJSON: "envoy.config.metrics.v3.StatsConfig",
  EnvoyTracingJSON: "envoy.config.trace.v3.Tracing",
};

/** The same, of several with commas between them. */
const lists: typeof messages = {
  EnvoyExtraStatsSinksJSON: "envoy.config.metrics.v3.StatsSink",
  EnvoyExtraStaticClustersJSON: cluster,
  EnvoyExtraStaticListenersJSON: listener,
};

/** What of an entry no Envoy could be given: JSON that its API does not know, extensions that there are not. */
export function entryProblems(entry: ConfigEntry): Diagnostic[] {
  if (entry.Kind === "proxy-defaults")
    return [...configProblems(entry.Config), ...problemsOfExtensions(entry.EnvoyExtensions)];
  if (entry.Kind !== "service-defaults") return [];
  const { Defaults = null, Overrides = [] } = entry.UpstreamConfig ?? {};
  return [
    ...(Defaults === null ? [] : upstreamProblems(["UpstreamConfig", "Defaults"], Defaults)),
    ...Overrides.flatMap((settings, i) => upstreamProblems(["UpstreamConfig", "Overrides", i], settings)),
    ...problemsOfExtensions(entry.EnvoyExtensions),
  ];
}

function configProblems(config: Readonly<Record<string, unknown>>): Diagnostic[] {
  const read = canonical(proxyConfig, readProxyConfig(config));
  const keys = Object.keys(messages) as (keyof ProxyConfig)[];
  const listKeys = Object.keys(lists) as (keyof ProxyConfig)[];
  const template = bootstrapTemplateProblem(read.EnvoyBootstrapJSONTpl);
  return [
    ...(template === null ? [] : [errorAt(["Config", "EnvoyBootstrapJSONTpl"], "No template", template)]),
    ...keys.flatMap((key) => jsonProblems(["Config", key], messages[key] ?? "", String(read[key]))),
    ...listKeys.flatMap((key) =>
      (JSON.parse(`[${String(read[key])}]`) as unknown[]).flatMap((item) =>
        jsonProblems(["Config", key], lists[key] ?? "", JSON.stringify(item)),
      ),
    ),
  ];
}

function upstreamProblems(
  path: Path,
  { EnvoyListenerJSON, EnvoyClusterJSON }: UpstreamSettings,
): Diagnostic[] {
  return [
    ...jsonProblems([...path, "EnvoyListenerJSON"], listener, EnvoyListenerJSON),
    ...jsonProblems([...path, "EnvoyClusterJSON"], cluster, EnvoyClusterJSON),
  ];
}

function jsonProblems(path: Path, message: string, json: string): Diagnostic[] {
  if (json === "") return [];
  try {
    anyFromJson(message, JSON.parse(json));
    return [];
  } catch (error) {
    return [
      errorAt(path, `No ${message} of Envoy's`, error instanceof Error ? error.message : String(error)),
    ];
  }
}

function problemsOfExtensions(extensions: readonly EnvoyExtension[]): Diagnostic[] {
  return extensions.flatMap((extension, i) =>
    extensionProblems(extension).map((problem) => ({
      ...problem,
      path: ["EnvoyExtensions", i, ...(problem.path ?? [])],
    })),
  );
}
