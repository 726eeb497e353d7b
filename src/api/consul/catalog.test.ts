import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { type ApiOnly, startApi } from "../../../test/support/api-only.ts";
import { until } from "../../../test/support/wait.ts";

describe("the catalog over HTTP", () => {
  let api: ApiOnly;
  let consul: FastifyInstance;
  before(async () => {
    api = await startApi();
    consul = api.consul;
    const web = {
      ...{ Name: "web", Port: 9090, Tags: ["front"], Meta: { version: "2" } },
      Connect: {
        SidecarService: {
          Proxy: {
            Config: { local_connect_timeout_ms: 100 },
            Upstreams: [{ DestinationName: "db", LocalBindPort: 5000 }],
          },
        },
      },
    };
    await put("/v1/agent/service/register", web);
    await put("/v1/agent/service/register", { Name: "db", Port: 5432, Tags: ["back"] });
    await put("/v1/agent/service/register", { Name: "edge", Kind: "ingress-gateway", Port: 8443, Proxy: {} });
  });
  after(() => api[Symbol.asyncDispose]());

  const put = async (url: string, payload: object) => {
    const answer = await consul.inject({ method: "PUT", url, payload });
    assert.equal(answer.statusCode, 200, answer.body);
  };
  const get = async (url: string) => (await consul.inject(url)).json();
  const entry = (fields: object) => put("/v1/config", fields);

  it("lists the services of which an instance passes a filter", async () => {
    const services = (filter: string) => get(`/v1/catalog/services?filter=${encodeURIComponent(filter)}`);
    assert.deepEqual(await services("ServiceTags contains `back`"), { db: ["back"] });
    assert.deepEqual(Object.keys(await services("ServiceMeta.version == 2")), ["web", "web-sidecar-proxy"]);
    const wrong = await consul.inject("/v1/catalog/services?filter=Colour==red");
    assert.deepEqual([wrong.statusCode, /Colour/.test(wrong.body)], [400, true]);
  });

  it("filters intentions", async () => {
    const intention = (source: string, Action: string) =>
      put(`/v1/connect/intentions/exact?source=${source}&destination=db`, { Action });
    await intention("web", "allow");
    await intention("edge", "deny");
    const found = await get(`/v1/connect/intentions?filter=${encodeURIComponent('Action == "deny"')}`);
    assert.deepEqual(
      found.map(({ SourceName }: { SourceName: string }) => SourceName),
      ["edge"],
    );
    const url = "/v1/connect/intentions/match?by=destination&name=db&filter=";
    const matched = await get(`${url}${encodeURIComponent('SourceName == "web"')}`);
    assert.equal(matched.db.length, 1);
  });

  it("knows the ingress gateways of a service", async () => {
    await entry({
      ...{ Kind: "ingress-gateway", Name: "edge" },
      Listeners: [{ Port: 8080, Services: [{ Name: "db" }] }],
    });
    const [row, ...others] = await get("/v1/health/ingress/db");
    assert.deepEqual([row.Service.Service, others.length], ["edge", 0]);
    assert.deepEqual(await get("/v1/health/ingress/web"), []);
  });

  it("gives a proxy with what entries say of it where that is asked for", async () => {
    await entry({
      ...{ Kind: "proxy-defaults", Name: "global" },
      ...{ Config: { envoy_stats_tags: ["a=b"], local_connect_timeout_ms: 7 }, Mode: "transparent" },
    });
    await entry({
      ...{ Kind: "service-defaults", Name: "web", Protocol: "http", MaxInboundConnections: 9 },
      UpstreamConfig: { Defaults: { ConnectTimeoutMs: 800 }, Overrides: [{ Name: "db", Protocol: "tcp" }] },
    });
    const plain = (await get("/v1/health/connect/web"))[0].Service.Proxy;
    assert.deepEqual([plain.Mode, plain.Config], ["", { local_connect_timeout_ms: 100 }]);
    const [{ Service }] = await get("/v1/health/connect/web?merge-central-config");
    assert.equal(Service.Proxy.Mode, "transparent");
    assert.deepEqual(Service.Proxy.Config, {
      ...{ envoy_stats_tags: ["a=b"], local_connect_timeout_ms: 100 },
      ...{ protocol: "http", max_inbound_connections: 9 },
    });
    assert.deepEqual(Service.Proxy.Upstreams[0].Config, { connect_timeout_ms: 800, protocol: "tcp" });
    const { ServiceProxy } = (await get("/v1/catalog/connect/web?merge-central-config"))[0];
    assert.deepEqual(ServiceProxy, Service.Proxy);
    assert.deepEqual((await get("/v1/agent/service/web-sidecar-proxy")).Proxy, Service.Proxy);
  });

  it("says at which address a service is reached by transparent proxies", async () => {
    const virtual = async () =>
      (await get("/v1/health/connect/web"))[0].Service.TaggedAddresses["consul-virtual"];
    const found = await until("the service has its address", virtual);
    assert.match(found.Address, /^240\./);
    assert.deepEqual((await get("/v1/health/service/db"))[0].Service.TaggedAddresses, {});
  });

  it("answers a query by content when the content has changed, and not before", async () => {
    const url = "/v1/agent/service/web-sidecar-proxy";
    const first = await consul.inject(url);
    const hash = first.headers["x-consul-contenthash"];
    assert.match(String(hash), /^[\da-f]{16}$/);
    const same = await consul.inject(`${url}?hash=${hash}&wait=10ms`);
    assert.equal(same.headers["x-consul-contenthash"], hash);
    let isAnswered = false;
    const next = consul.inject(`${url}?hash=${hash}&wait=60s`).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await put("/v1/agent/service/register", { Name: "db", Port: 5433 });
    await entry({ Kind: "service-defaults", Name: "db", Protocol: "tcp" });
    assert.equal(isAnswered, false, "what concerns others changes nothing");
    await entry({ Kind: "service-defaults", Name: "web", Protocol: "grpc" });
    const answer = await next;
    assert.equal(answer.json().Proxy.Config.protocol, "grpc");
    assert.notEqual(answer.headers["x-consul-contenthash"], hash);
  });

  it("says that there are no tokens, as an agent without ACLs does", async () => {
    const answer = await consul.inject("/v1/acl/tokens");
    assert.deepEqual([answer.statusCode, answer.body], [401, "ACL support disabled"]);
  });
});
