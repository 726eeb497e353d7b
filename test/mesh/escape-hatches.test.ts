import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaults, resolver } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

const deny = {
  ...{ Kind: "service-intentions", Name: "api" },
  Sources: [{ Name: "web", Action: "deny" }],
};

/** A bootstrap as Consul's users write it, with a name for the statistics that no other has. */
const TEMPLATE = `{
  "admin": {
    "address": { "socket_address": { "address": "{{ .AdminBindAddress }}", "port_value": {{ .AdminBindPort }} } }
  },
  "node": {
    "id": "{{ .ProxyID }}",
    "cluster": "{{ .ProxyCluster }}",
    "metadata": { "namespace": "{{if ne .Namespace ""}}{{ .Namespace }}{{else}}default{{end}}" }
  },
  "static_resources": {
    "clusters": [
      {
        "name": "{{ .LocalAgentClusterName }}",
        "type": "STATIC",
        "connect_timeout": "1s",
        "http2_protocol_options": {},
        "load_assignment": {
          "cluster_name": "{{ .LocalAgentClusterName }}",
          "endpoints": [{ "lb_endpoints": [{ "endpoint": { "address": {
            {{- if .GRPC.AgentSocket }} "pipe": { "path": "{{ .GRPC.AgentSocket }}" } {{- else }}
            "socket_address": { "address": "{{ .GRPC.AgentAddress }}", "port_value": {{ .GRPC.AgentPort }} }
            {{- end }} } } }] }]
        }
      }
      {{- if .StaticClustersJSON }}, {{ .StaticClustersJSON }} {{- end }}
    ]
    {{- if .StaticListenersJSON }}, "listeners": [ {{ .StaticListenersJSON }} ] {{- end }}
  },
  "stats_config": { "stats_tags": [{ "tag_name": "mine", "fixed_value": "{{ .ProxySourceService }}-of-mine" }] },
  "dynamic_resources": {
    "lds_config": { "ads": {}, "resource_api_version": "V3" },
    "cds_config": { "ads": {}, "resource_api_version": "V3" },
    "ads_config": {
      "api_type": "DELTA_GRPC",
      "transport_api_version": "V3",
      "grpc_services": {
        "initial_metadata": [{ "key": "x-consul-token", "value": "{{ .Token }}" }],
        "envoy_grpc": { "cluster_name": "{{ .LocalAgentClusterName }}" }
      }
    }
  }
}`;

const EXTRA_PORT = 7777;

/** A listener of the user's own, and the cluster that it leads to: the application of api, past the mesh. */
function extraStatics(address: (id: string) => string) {
  const place = (id: string, port_value: number) => ({
    socket_address: { address: address(id), port_value },
  });
  const proxy = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    ...{ stat_prefix: "extra", cluster: "extra" },
  };
  const listener = {
    ...{ name: "extra", address: place("web-1", EXTRA_PORT) },
    filter_chains: [{ filters: [{ name: "envoy.filters.network.tcp_proxy", typed_config: proxy }] }],
  };
  const cluster = {
    ...{ name: "extra", type: "STATIC", connect_timeout: "1s" },
    load_assignment: {
      cluster_name: "extra",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: place("api-1", 8080) } }] }],
    },
  };
  return {
    envoy_extra_static_listeners_json: JSON.stringify(listener),
    envoy_extra_static_clusters_json: JSON.stringify(cluster),
  };
}

describe("escape hatches", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"], config: extraStatics },
      { service: "api", config: () => ({ envoy_bootstrap_json_tpl: TEMPLATE }) },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const addressOf = (id: string, port_value: number) => ({
    socket_address: { address: mesh.member(id).registration.address, port_value },
  });

  const tcpProxy = {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      ...{ stat_prefix: "custom", cluster: "local_app" },
    },
  };

  const answering = (body: string) => ({
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      stat_prefix: "custom",
      route_config: {
        virtual_hosts: [
          {
            ...{ name: "all", domains: ["*"] },
            routes: [
              { match: { prefix: "/" }, direct_response: { status: 200, body: { inline_string: body } } },
            ],
          },
        ],
      },
      http_filters: [
        {
          name: "envoy.filters.http.router",
          typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
        },
      ],
    },
  });

  const publicListener = (filter: object) => ({
    "api-1": {
      Config: {
        envoy_public_listener_json: JSON.stringify({
          name: "mine",
          address: addressOf("api-1", 21000),
          filter_chains: [{ filters: [filter] }],
        }),
      },
    },
  });

  it("envoy_public_listener_json: the user's listener in place of the computed one", async () => {
    await mesh.scene({ entries: [defaults("api")], proxies: publicListener(answering("mine")) });
    assert.equal((await mesh.call("api")).body, "mine");
  });

  it("envoy_public_listener_json of requests is guarded by intentions", async () => {
    await mesh.scene({ entries: [defaults("api"), deny], proxies: publicListener(answering("mine")) });
    assert.equal((await mesh.call("api")).status, 403);
  });

  it("envoy_public_listener_json of connections is guarded by intentions", async () => {
    await mesh.scene({ proxies: publicListener(tcpProxy) });
    assert.equal((await mesh.callTcp("api")).body, "api-1 hello");
    await mesh.scene({ entries: [deny], proxies: publicListener(tcpProxy) });
    assert.equal((await mesh.callTcp("api")).body, "");
  });

  it("envoy_public_listener_json lets nobody in without the mesh's TLS", async () => {
    await mesh.scene({ entries: [defaults("api")], proxies: publicListener(answering("mine")) });
    assert.notEqual((await mesh.callAt("api-1", 21000)).error, "");
  });

  it("envoy_local_cluster_json: the user's cluster of the task", async () => {
    const cluster = {
      ...{ name: "local_app", type: "STATIC", connect_timeout: "1s" },
      load_assignment: {
        cluster_name: "local_app",
        // The application of web in the place of api's own.
        endpoints: [{ lb_endpoints: [{ endpoint: { address: addressOf("web-1", 8080) } }] }],
      },
    };
    const Config = { envoy_local_cluster_json: JSON.stringify(cluster) };
    await mesh.scene({ entries: [defaults("api")], proxies: { "api-1": { Config } } });
    assert.equal((await mesh.call("api")).body, "web-1");
  });

  it("envoy_extra_static_clusters_json and envoy_extra_static_listeners_json: what the Envoy begins with", async () => {
    await mesh.scene({});
    assert.equal((await mesh.callAt("web-1", EXTRA_PORT)).body, "api-1");
  });

  it("envoy_bootstrap_json_tpl: the whole bootstrap, with the names that Consul's templates know", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    assert.equal((await mesh.call("api")).body, "api-1");
    const { body } = await mesh.callAt("api-1", 19000, "/stats/prometheus?filter=server.live");
    assert.match(body, /mine="api-of-mine"/);
  });

  const upstreamListener = () => ({
    "web-1": {
      api: {
        envoy_listener_json: JSON.stringify({
          name: "mine",
          address: addressOf("web-1", 5001),
          filter_chains: [{ filters: [answering("mine")] }],
        }),
      },
    },
  });

  it("envoy_listener_json: the user's listener of an upstream", async () => {
    await mesh.scene({ entries: [defaults("api")], upstreams: upstreamListener() });
    assert.equal((await mesh.call("api")).body, "mine");
  });

  it("envoy_listener_json is left aside where entries route the service", async () => {
    const entries = [
      defaults("api"),
      resolver("api", { ConnectTimeout: "3s", Subsets: { all: {} }, DefaultSubset: "all" }),
    ];
    await mesh.scene({ entries, upstreams: upstreamListener() });
    assert.equal((await mesh.call("api")).body, "api-1");
  });

  it("envoy_cluster_json: the user's cluster of an upstream, with the mesh's TLS", async () => {
    const cluster = {
      ...{ name: "mine", type: "STATIC", connect_timeout: "1s" },
      load_assignment: {
        cluster_name: "mine",
        endpoints: [{ lb_endpoints: [{ endpoint: { address: addressOf("api-1", 21000) } }] }],
      },
    };
    await mesh.scene({
      entries: [defaults("api", { Protocol: "tcp" })],
      upstreams: { "web-1": { api: { envoy_cluster_json: JSON.stringify(cluster) } } },
    });
    assert.equal((await mesh.callTcp("api")).body, "api-1 hello");
  });

  it("EnvoyClusterJSON of service-defaults: the same for all proxies of the service", async () => {
    const cluster = {
      ...{ name: "mine", type: "STATIC", connect_timeout: "1s" },
      load_assignment: { cluster_name: "mine", endpoints: [] },
    };
    const Overrides = [{ Name: "api", EnvoyClusterJSON: JSON.stringify(cluster) }];
    await mesh.scene({ entries: [defaults("api"), defaults("web", { UpstreamConfig: { Overrides } })] });
    assert.equal((await mesh.call("api")).status, 503);
  });
});
