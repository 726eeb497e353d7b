import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaults, resolver } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

const deny = {
  ...{ Kind: "service-intentions", Name: "api" },
  Sources: [{ Name: "web", Action: "deny" }],
};

describe("escape hatches", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }]);
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
