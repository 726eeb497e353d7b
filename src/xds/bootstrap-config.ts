import type { ProxyConfig } from "#model/config-entry/proxy-config.ts";

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a proxy's `Config` puts into its bootstrap, beside what is there for every proxy. */
export interface BootstrapParts {
  readonly clusters: readonly Json[];
  readonly listeners: readonly Json[];
  /** Fields of the bootstrap itself: they go before those of every proxy. */
  readonly fields: { readonly [key: string]: Json };
}

/** Where a `Config` wants a page of the admin interface to be served; null for nowhere. */
export function bindAddress(text: string): SocketAddress | null {
  const [, address = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return port === "" ? null : { address: address || "0.0.0.0", port: Number(port) };
}

/** Throws where a part is no JSON. */
export function bootstrapParts(config: ProxyConfig): BootstrapParts {
  const sinks = [
    ...listOf("envoy_extra_stats_sinks_json", config.EnvoyExtraStatsSinksJSON),
    ...sink("envoy.stat_sinks.statsd", "envoy.config.metrics.v3.StatsdSink", config.EnvoyStatsdURL),
    ...sink("envoy.stat_sinks.dog_statsd", "envoy.config.metrics.v3.DogStatsdSink", config.EnvoyDogstatsdURL),
  ];
  return {
    clusters: listOf("envoy_extra_static_clusters_json", config.EnvoyExtraStaticClustersJSON),
    listeners: listOf("envoy_extra_static_listeners_json", config.EnvoyExtraStaticListenersJSON),
    fields: {
      ...(sinks.length > 0 && { stats_sinks: sinks }),
      ...(config.EnvoyStatsFlushInterval !== "" && { stats_flush_interval: config.EnvoyStatsFlushInterval }),
      ...(config.EnvoyStatsConfigJSON !== "" && {
        stats_config: parsed("envoy_stats_config_json", config.EnvoyStatsConfigJSON),
      }),
      ...(config.EnvoyTracingJSON !== "" && {
        tracing: parsed("envoy_tracing_json", config.EnvoyTracingJSON),
      }),
    },
  };
}

/** Consul's users write the elements of a list without its brackets. */
function listOf(key: string, text: string): Json[] {
  return text === "" ? [] : (parsed(key, `[${text}]`) as Json[]);
}

function parsed(key: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Error(`${key}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `udp://host:port`, for DogStatsD also `unix:///path`. */
function sink(name: string, type: string, url: string): Json[] {
  if (url === "") return [];
  const address = sinkAddress(url);
  if (address === null) throw new Error(`expected udp://address:port, but found "${url}"`);
  return [{ name, typed_config: { "@type": `type.googleapis.com/${type}`, address } }];
}

function sinkAddress(url: string): Json | null {
  if (url.startsWith("unix://")) return { pipe: { path: url.slice("unix://".length) } };
  const bind = url.startsWith("udp://") ? bindAddress(url.slice("udp://".length)) : null;
  return bind && { socket_address: { protocol: "UDP", address: bind.address, port_value: bind.port } };
}
