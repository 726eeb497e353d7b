import { bindAddress, bootstrapParts, type Json, type SocketAddress } from "./bootstrap-config.ts";
import type { BootstrapOptions, ControlPlane, ControlPlaneTls } from "./bootstrap-options.ts";
import { type BootstrapPieces, bootstrapFromTemplate } from "./bootstrap-template.ts";
import { STATS_TAGS } from "./stats-tags.ts";

const CONTROL_PLANE = "local_agent";
const SELF_ADMIN = "self_admin";
const ADMIN = "envoy_admin_listener";
const READY = "envoy_ready_listener";
const PROMETHEUS = "envoy_prometheus_metrics_listener";
const STATISTICS = "envoy_metrics_listener";
const MEBIBYTE = 1024 * 1024;

export function bootstrap(options: BootstrapOptions): Json {
  const { clusters, listeners, fields } = bootstrapParts(options.config);
  const pieces: BootstrapPieces = {
    clusters: [selfAdminCluster(options.admin), ...clusters],
    listeners: [...adminListeners(options), ...listeners],
    stats_config: statsConfig(options),
    fields,
  };
  const template = options.config.EnvoyBootstrapJSONTpl;
  return template === "" ? standard(options, pieces) : bootstrapFromTemplate(template, options, pieces);
}

function standard(
  options: BootstrapOptions,
  { clusters, listeners, stats_config, fields }: BootstrapPieces,
): Json {
  return {
    admin: {
      // Asked often by checks and scrapes; a line for each would only fill the disk.
      access_log: [],
      address: socketAddress(options.admin),
    },
    node: {
      id: options.proxyId,
      cluster: options.service,
      metadata: { namespace: "default", partition: "default" },
    },
    // Envoy's limit on the size of regular expressions is below what route and access rules may need.
    layered_runtime: {
      layers: [{ name: "base", static_layer: { "re2.max_program_size.error_level": 1048576 } }],
    },
    // What reading a configuration and a burst of requests have left goes back to the machine.
    memory_allocator_manager: { bytes_to_release: 8 * MEBIBYTE, memory_release_interval: "5s" },
    static_resources: {
      clusters: [controlPlaneCluster(options.controlPlane), ...clusters],
      listeners,
    },
    stats_config,
    ...fields,
    dynamic_resources: {
      lds_config: fromAds,
      cds_config: fromAds,
      ads_config: {
        api_type: "DELTA_GRPC",
        transport_api_version: "V3",
        // With all extensions that an Envoy lists in it, it is forty times as long as what it asks.
        set_node_on_first_message_only: true,
        grpc_services: {
          initial_metadata: [{ key: "x-consul-token", value: tokenOf(options.controlPlane) }],
          envoy_grpc: { cluster_name: CONTROL_PLANE, retry_policy: { retry_back_off: RECONNECT } },
        },
      },
    },
  };
}

/** An agent is soon back; Envoy's own 30 seconds would be a long time to know nothing of what has changed. */
const RECONNECT: Json = { base_interval: "0.050s", max_interval: "1s" };

const fromAds: Json = { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" };

function controlPlaneCluster(controlPlane: ControlPlane): Json {
  const address =
    controlPlane.kind === "socket" ? { pipe: { path: controlPlane.path } } : socketAddress(controlPlane);
  return {
    name: CONTROL_PLANE,
    type: "STATIC",
    connect_timeout: "1s",
    ignore_health_on_host_removal: false,
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: assignment(CONTROL_PLANE, address),
    ...(controlPlane.kind === "address" &&
      controlPlane.tls !== null && { transport_socket: tls(controlPlane.tls) }),
  };
}

/** Every service of the mesh has a certificate of the same roots: only that of the control plane will do. */
function tls({ roots, serverName, uri }: ControlPlaneTls): Json {
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      sni: serverName,
      common_tls_context: {
        alpn_protocols: ["h2"],
        validation_context: {
          trusted_ca: { inline_string: roots },
          match_typed_subject_alt_names: [{ san_type: "URI", matcher: { exact: uri } }],
        },
      },
    },
  };
}

function selfAdminCluster(admin: SocketAddress): Json {
  return {
    name: SELF_ADMIN,
    type: "STATIC",
    connect_timeout: "5s",
    load_assignment: assignment(SELF_ADMIN, socketAddress(admin)),
  };
}

function assignment(name: string, address: Json): Json {
  return { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] };
}

/** Listeners that pass a page of the admin interface on, and nothing else of it, unless they are ours. */
function adminListeners({ ready, adminSocket, config, ...options }: BootstrapOptions): Json[] {
  const listeners: Json[] = [];
  const scraped = bindAddress(config.EnvoyPrometheusBindAddr);
  const prometheus = options.prometheus ?? (scraped && { ...scraped, path: "/metrics" });
  const statistics = bindAddress(config.EnvoyStatsBindAddr);
  if (adminSocket !== undefined) listeners.push(adminSocketListener(adminSocket));
  if (ready !== undefined) {
    listeners.push(adminListener(READY, socketAddress(ready), { path: "/ready" }, {}));
  }
  if (prometheus !== null) {
    const match = { path: prometheus.path };
    const rewrite = { prefix_rewrite: "/stats/prometheus" };
    listeners.push(adminListener(PROMETHEUS, socketAddress(prometheus), match, rewrite));
  }
  if (statistics !== null) {
    const address = socketAddress(statistics);
    listeners.push(adminListener(STATISTICS, address, { prefix: "/stats" }, {}));
  }
  return listeners;
}

/** The whole of it, for the node agent. */
function adminSocketListener(path: string): Json {
  const proxy = {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      stat_prefix: ADMIN,
      cluster: SELF_ADMIN,
    },
  };
  return { name: ADMIN, address: { pipe: { path, mode: 0o600 } }, filter_chains: [{ filters: [proxy] }] };
}

function adminListener(name: string, address: Json, match: Json, action: Record<string, Json>): Json {
  const toAdmin = { match, route: { cluster: SELF_ADMIN, ...action } };
  const otherwise = { match: { prefix: "/" }, direct_response: { status: 404 } };
  return {
    name,
    address,
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
              stat_prefix: name,
              codec_type: "HTTP1",
              route_config: {
                name: "self_admin_route",
                virtual_hosts: [{ name: SELF_ADMIN, domains: ["*"], routes: [toAdmin, otherwise] }],
              },
              http_filters: [
                {
                  name: "envoy.filters.http.router",
                  typed_config: {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                  },
                },
              ],
            },
          },
        ],
      },
    ],
  };
}

function socketAddress({ address, port }: SocketAddress): Json {
  return { socket_address: { address, port_value: port } };
}

function tokenOf(controlPlane: ControlPlane): string {
  return controlPlane.kind === "address" ? controlPlane.token : "";
}

/**
 * What passes an admin page on is not counted: it would be a third of all names of statistics, and every Envoy tries
 * the patterns of tags on each of them as it starts.
 */
const UNCOUNTED: readonly string[] = [
  `cluster.${SELF_ADMIN}.`,
  `tcp.${ADMIN}.`,
  ...[READY, PROMETHEUS, STATISTICS].map((listener) => `http.${listener}.`),
];

function statsConfig({ service, datacenter, statsTags, config }: BootstrapOptions): Json {
  const own = new Set([...statsTags, ...config.EnvoyStatsTags].filter((tag) => tag.includes("=")));
  const fixed: [string, string][] = [
    ["local_cluster", service],
    ["consul.source.service", service],
    ["consul.source.namespace", "default"],
    ["consul.source.partition", "default"],
    ["consul.source.datacenter", datacenter],
    ...[...own].map(splitTag),
  ];
  return {
    use_all_default_tags: true,
    stats_matcher: { exclusion_list: { patterns: UNCOUNTED.map((prefix) => ({ prefix })) } },
    stats_tags: [
      ...STATS_TAGS.map(({ tag_name, regex }) => ({ tag_name, regex })),
      ...fixed.map(([tag_name, fixed_value]) => ({ tag_name, fixed_value })),
    ],
  };
}

function splitTag(tag: string): [string, string] {
  const equals = tag.indexOf("=");
  return [tag.slice(0, equals), tag.slice(equals + 1)];
}
