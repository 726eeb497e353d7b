import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { type ApiOnly, startApi } from "../../../test/support/api-only.ts";

describe("config entries over HTTP", () => {
  let api: ApiOnly;
  let consul: FastifyInstance;
  beforeEach(async () => {
    api = await startApi();
    consul = api.consul;
  });
  afterEach(() => api[Symbol.asyncDispose]());

  /** What was wrong with it; empty where it was taken. */
  const write = async (entry: object) => {
    const answer = await consul.inject({ method: "PUT", url: "/v1/config", payload: entry });
    return answer.statusCode === 200 ? "" : `${answer.statusCode} ${answer.body}`;
  };
  const remove = async (kind: string, name: string) => {
    const answer = await consul.inject({ method: "DELETE", url: `/v1/config/${kind}/${name}` });
    return answer.statusCode === 200 ? "" : `${answer.statusCode} ${answer.body}`;
  };
  const taken = async (...entries: object[]) => {
    for (const entry of entries) assert.equal(await write(entry), "");
  };

  const http = (Name: string) => ({ Kind: "service-defaults", Name, Protocol: "http" });
  const splitter = (Name: string, ...services: string[]) => ({
    Kind: "service-splitter",
    Name,
    Splits: services.map((Service) => ({ Weight: 100 / services.length, Service })),
  });
  const resolver = (Name: string, fields: object) => ({ Kind: "service-resolver", Name, ...fields });

  it("shows an entry as it was written, and takes it back as it showed it", async () => {
    await taken(
      resolver("web", { connect_timeout: "15s", Subsets: { v1: { Filter: "Service.Meta.v == 1" } } }),
    );
    const { CreateIndex, ModifyIndex, ...shown } = (
      await consul.inject("/v1/config/service-resolver/web")
    ).json();
    assert.deepEqual(shown, {
      Kind: "service-resolver",
      Name: "web",
      Subsets: { v1: { Filter: "Service.Meta.v == 1" } },
      ConnectTimeout: "15s",
    });
    await taken({ ...shown, CreateIndex, ModifyIndex });
  });

  it("says of a refused entry which it is, which field, and why", async () => {
    assert.match(
      await write({ ...http("web"), MaxInboundConnections: -1 }),
      /^400 service-defaults\/web MaxInboundConnections: Value too small: -1 is less than/,
    );
  });

  it("refuses what would leave a chain that does not compile", async () => {
    assert.match(
      await write(splitter("web", "web")),
      /^400 service-splitter\/web: discovery chain "web" would not compile: .*does not permit/,
    );
    await taken(http("web"), http("api"), splitter("web", "web", "api"));
    assert.match(await write(splitter("api", "web")), /circular reference: \[api -> web -> api\]/);
    assert.match(await write(resolver("api", { Redirect: { Service: "db" } })), /service "db" has "tcp"/);
    assert.match(
      await write({ ...http("api"), Protocol: "tcp" }),
      /"web" would not compile: .*"api" has "tcp"/,
    );
    assert.match(await remove("service-defaults", "api"), /"web" would not compile: .*"api" has "tcp"/);
    assert.match(await remove("service-defaults", "web"), /"web" would not compile/);
  });

  it("follows what leads to an entry over several others", async () => {
    await taken({ Kind: "proxy-defaults", Name: "global", Config: { protocol: "http" } });
    await taken(resolver("c", { Subsets: { v1: {} } }));
    await taken(
      { Kind: "service-router", Name: "a", Routes: [{ Destination: { Service: "b" } }] },
      splitter("b", "d"),
      resolver("d", { Redirect: { Service: "c", ServiceSubset: "v1" } }),
    );
    assert.match(await remove("service-resolver", "c"), /does not have a subset named "v1"/);
    assert.match(await write(resolver("c", {})), /does not have a subset named "v1"/);
    assert.match(await write({ ...http("c"), Protocol: "grpc" }), /inconsistent protocols/);
    assert.match(await remove("proxy-defaults", "global"), /does not permit/);
    await taken({ Kind: "proxy-defaults", Name: "global", Config: { protocol: "http2" } });
  });

  it("refuses a gateway's listener whose services speak something else, from both sides", async () => {
    const gateway = {
      Kind: "ingress-gateway",
      Name: "edge",
      Listeners: [{ Port: 80, Protocol: "http", Services: [{ Name: "web" }] }],
    };
    assert.match(await write(gateway), /"web" has protocol "tcp".*listener's protocol "http" at port 80/);
    await taken(http("web"), gateway);
    assert.match(await remove("service-defaults", "web"), /ingress-gateway\/edge/);
  });

  it("takes plain connections only where the mesh allows them", async () => {
    const permissive = { ...http("web"), MutualTLSMode: "permissive" };
    assert.match(await write(permissive), /AllowEnablingPermissiveMutualTLS/);
    await taken({ Kind: "mesh", AllowEnablingPermissiveMutualTLS: true }, permissive);
  });

  it("lets of two writes that contradict one another only one through", async () => {
    await taken(http("a"), http("b"));
    const answers = await Promise.all([write(splitter("a", "b")), write(splitter("b", "a"))]);
    assert.equal(answers.filter((answer) => answer === "").length, 1, answers.join("\n"));
  });

  it("shows chains, with overrides and for other datacenters", async () => {
    await taken(resolver("web", { Failover: { "*": { Datacenters: ["dc2"] } }, ConnectTimeout: "2s" }));
    const { Chain } = (await consul.inject("/v1/discovery-chain/web")).json();
    const node = Chain.Nodes[Chain.StartNode];
    assert.deepEqual(node.Resolver, {
      ConnectTimeout: "2s",
      Target: "web.default.default.dc1",
      Failover: { Targets: ["web.default.default.dc2"] },
    });
    const customized = await consul.inject({
      method: "POST",
      url: "/v1/discovery-chain/web?compile-dc=dc2",
      payload: {
        OverrideConnectTimeout: "7s",
        OverrideProtocol: "grpc",
        OverrideMeshGateway: { Mode: "local" },
      },
    });
    const { Protocol, CustomizationHash, Nodes } = customized.json().Chain;
    assert.equal(Protocol, "grpc");
    assert.match(CustomizationHash, /^[0-9a-f]{8}$/);
    assert.equal(Nodes["resolver:web.default.default.dc2"].Resolver.ConnectTimeout, "7s");
    const wrong = await consul.inject({
      method: "POST",
      url: "/v1/discovery-chain/web",
      payload: { OverrideProtocol: "smtp" },
    });
    assert.equal(wrong.statusCode, 400);
    assert.match(wrong.body, /OverrideProtocol: .*"grpc"/);
  });

  it("answers a waiting question about a chain when an entry changes it", async () => {
    const first = await consul.inject("/v1/discovery-chain/web");
    const waiting = consul.inject(
      `/v1/discovery-chain/web?index=${first.headers["x-consul-index"]}&wait=60s`,
    );
    await taken(http("web"));
    assert.equal((await waiting).json().Chain.Protocol, "http");
  });

  it("lists the entries for which a filter holds", async () => {
    await taken(http("a"), http("b"), { ...http("c"), Protocol: "grpc", Meta: { team: "x" } });
    const names = async (filter: string) => {
      const answer = await consul.inject(`/v1/config/service-defaults?filter=${encodeURIComponent(filter)}`);
      return answer.statusCode === 200
        ? answer.json().map(({ Name }: { Name: string }) => Name)
        : `${answer.statusCode} ${answer.body}`;
    };
    assert.deepEqual(await names('Protocol == "http"'), ["a", "b"]);
    assert.deepEqual(await names("Meta.team == x"), ["c"]);
    assert.deepEqual(await names("Name != a and Mode is empty"), ["b", "c"]);
    assert.equal(
      await names("Protocl == http"),
      '400 Invalid filter: Selector "Protocl" is not valid: there is no "Protocl". Did you mean "Protocol"?',
    );
  });

  it("refuses JSON that Envoy's API does not know, and extensions that there are not", async () => {
    const upstreams = (Defaults: object) => ({ ...http("web"), UpstreamConfig: { Defaults } });
    assert.match(
      await write(upstreams({ EnvoyClusterJSON: '{"nam":"x"}' })),
      /^400 service-defaults\/web UpstreamConfig\.Defaults\.EnvoyClusterJSON: .*"nam" is unknown/,
    );
    await taken(upstreams({ EnvoyClusterJSON: '{"name":"x","connect_timeout":"5s"}' }));
    const everywhere = (Config: object) => ({ Kind: "proxy-defaults", Name: "global", Config });
    assert.match(
      await write(everywhere({ envoy_listener_tracing_json: '{"random_sampling":{"value":"many"}}' })),
      /Config\.EnvoyListenerTracingJSON/,
    );
    assert.match(
      await write(everywhere({ envoy_extra_static_clusters_json: '{"name":"a"},{"name":1}' })),
      /Config\.EnvoyExtraStaticClustersJSON/,
    );
    assert.match(
      await write(everywhere({ envoy_bootstrap_json_tpl: "{{ if .ProxyID }}{" })),
      /Config\.EnvoyBootstrapJSONTpl: .*end/,
    );
    assert.match(
      await write({ ...http("web"), EnvoyExtensions: [{ Name: "builtin/luna" }] }),
      /EnvoyExtensions\[0\]\.Name: .*builtin\/lua/,
    );
  });

  it("refuses an extension's arguments with their field and a reason", async () => {
    const patch = (Path: string, Value: unknown) => ({
      Patches: [{ ResourceFilter: { ResourceType: "cluster" }, Op: "add", Path, Value }],
    });
    const cases: [string, object, RegExp][] = [
      ["lua", { Script: "" }, /Arguments\.Script: .*needed/],
      ["lua", { Script: "x", Listner: "inbound" }, /Arguments\.Listner: .*Listener/],
      ["lua", { Script: "x", Listener: "both" }, /Arguments\.Listener: .*inbound/],
      ["wasm", { PluginConfig: { VmConfig: { Code: {} } } }, /VmConfig\.Code: .*Local and Remote/],
      ["ext-authz", { Config: {} }, /Arguments\.Config: .*GrpcService and HttpService/],
      [
        "ext-authz",
        { Config: { GrpcService: { Target: { URI: "far.example:80" } } } },
        /GrpcService\.Target\.URI: .*localhost/,
      ],
      ["ext-proc", { Config: { GrpcService: { Target: {} } } }, /GrpcService\.Target: .*Service and URI/],
      ["property-override", {}, /Arguments\.Patches: .*one/],
      ["property-override", patch("/connect_timeuot", "1s"), /Patches\[0\]\.Path: .*connect_timeuot/],
      ["property-override", patch("/connect_timeout", true), /Patches\[0\]\.Path: /],
      ["aws/lambda", { ARN: "hello" }, /Arguments\.ARN: .*arn:aws:lambda/],
    ];
    for (const [name, Arguments, problem] of cases) {
      const EnvoyExtensions = [{ Name: `builtin/${name}`, Arguments }];
      assert.match(await write({ ...http("web"), EnvoyExtensions }), problem, name);
    }
    const versions = { Name: "builtin/lua", Arguments: { Script: "x" }, EnvoyVersion: "newest" };
    assert.match(await write({ ...http("web"), EnvoyExtensions: [versions] }), /EnvoyVersion: .*newest/);
  });
});
