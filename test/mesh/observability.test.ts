import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { defaults, everyProxy } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

describe("access logs", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  let count = 0;
  /** A file of its own for each case. */
  const newPath = () => `${mesh.folder}/access-${count++}.log`;

  const logging = (AccessLogs: object) =>
    mesh.scene({ entries: [everyProxy({ AccessLogs: { Enabled: true, ...AccessLogs } }), defaults("api")] });

  const linesOf = (path: string) =>
    mesh.until(`${path} has lines`, () => {
      const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
      return lines.length > 0 ? lines : null;
    });

  it("Type file: a line of JSON for each request", async () => {
    const Path = newPath();
    await logging({ Type: "file", Path });
    await mesh.call("api", "/orders", { headers: { "user-agent": "me" } });
    await mesh.until("both proxies have written", async () => (await linesOf(Path)).length >= 2);
    const [line] = (await linesOf(Path)).map((one) => JSON.parse(one));
    assert.deepEqual(
      [line.method, line.path, line.response_code, line.user_agent],
      ["GET", "/orders", 200, "me"],
    );
    assert.ok("upstream_cluster" in line && "requested_server_name" in line);
  });

  it("TextFormat: lines as the user wants them", async () => {
    const Path = newPath();
    await logging({ Type: "file", Path, TextFormat: "%REQ(:METHOD)% %REQ(:PATH)% -> %RESPONSE_CODE%" });
    await mesh.call("api", "/orders");
    assert.equal((await linesOf(Path))[0], "GET /orders -> 200");
  });

  it("JSONFormat: fields as the user wants them", async () => {
    const Path = newPath();
    await logging({ Type: "file", Path, JSONFormat: '{"code": "%RESPONSE_CODE%", "fixed": "yes"}' });
    await mesh.call("api");
    assert.deepEqual(JSON.parse((await linesOf(Path))[0] ?? ""), { code: 200, fixed: "yes" });
  });

  it("Type stdout and stderr: where Envoy itself writes", async () => {
    for (const Type of ["stdout", "stderr"]) {
      await logging({ Type, TextFormat: `${Type}:%REQ(:PATH)%` });
      await mesh.call("api", "/seen");
      await mesh.until("the line is there", () =>
        mesh.member("web-1").envoy.output().includes(`${Type}:/seen`),
      );
    }
  });

  it("connections of tcp services are logged too", async () => {
    const Path = newPath();
    await mesh.scene({
      entries: [
        everyProxy({ AccessLogs: { Enabled: true, Type: "file", Path, TextFormat: "%UPSTREAM_CLUSTER%" } }),
      ],
    });
    await mesh.callTcp("api");
    await mesh.until("both proxies have written", async () => (await linesOf(Path)).length >= 2);
    assert.ok((await linesOf(Path)).some((line) => line.startsWith("api.default.dc1.internal.")));
  });

  it("not Enabled: nothing is written", async () => {
    const Path = newPath();
    await mesh.scene({
      entries: [everyProxy({ AccessLogs: { Enabled: false, Type: "file", Path } }), defaults("api")],
    });
    await mesh.call("api");
    assert.equal(existsSync(Path), false);
  });
});

describe("what a proxy tells of itself", () => {
  /** Settings that are read at an Envoy's start: each case has a mesh of its own. */
  const meshWith = (config: Readonly<Record<string, unknown>>) =>
    TestMesh.start([{ service: "web", upstreams: ["api"], config: () => config }, { service: "api" }]);

  it("envoy_prometheus_bind_addr: metrics are scraped there, and nothing else is shown", async () => {
    await using mesh = await meshWith({ envoy_prometheus_bind_addr: "0.0.0.0:20200" });
    const { status, body } = await mesh.callAt("web-1", 20200, "/metrics");
    assert.equal(status, 200);
    assert.match(body, /envoy_cluster_upstream_rq/);
    assert.equal((await mesh.callAt("web-1", 20200, "/quitquitquit", { method: "POST" })).status, 404);
  });

  it("metrics say which service they are of, and which destination", async () => {
    await using mesh = await meshWith({
      envoy_prometheus_bind_addr: "0.0.0.0:20200",
      envoy_stats_tags: ["team=red"],
    });
    await mesh.scene({ entries: [defaults("api")] });
    await mesh.call("api");
    const { body } = await mesh.callAt("web-1", 20200, "/metrics");
    const line = body
      .split("\n")
      .find((one) => one.startsWith("envoy_cluster_upstream_rq_total{") && one.includes("api"));
    for (const tag of [
      'consul_source_service="web"',
      'consul_source_datacenter="dc1"',
      'consul_destination_service="api"',
      'consul_destination_datacenter="dc1"',
      'local_cluster="web"',
      'team="red"',
    ]) {
      assert.ok(line?.includes(tag), `${tag} is not in ${line}`);
    }
  });

  it("envoy_stats_bind_addr: statistics are shown there, and nothing else", async () => {
    await using mesh = await meshWith({ envoy_stats_bind_addr: "0.0.0.0:20201" });
    assert.match((await mesh.callAt("web-1", 20201, "/stats")).body, /cluster_manager/);
    assert.equal((await mesh.callAt("web-1", 20201, "/config_dump")).status, 404);
  });

  it("envoy_statsd_url: statistics are sent there", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const url = `udp://127.0.0.1:${socket.address().port}`;
    await using _ = await meshWith({ envoy_statsd_url: url, envoy_stats_flush_interval: "0.1s" });
    const [packet] = await once(socket, "message", { signal: AbortSignal.timeout(10_000) });
    assert.match(String(packet), /^envoy\./);
    socket.close();
  });

  it("envoy_dogstatsd_url: the same with tags", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const url = `udp://127.0.0.1:${socket.address().port}`;
    await using _ = await meshWith({ envoy_dogstatsd_url: url, envoy_stats_flush_interval: "0.1s" });
    const [packet] = await once(socket, "message", { signal: AbortSignal.timeout(10_000) });
    assert.match(String(packet), /local_cluster:web/);
    socket.close();
  });

  it("envoy_tracing_json and envoy_listener_tracing_json: spans are sent over OpenTelemetry's gRPC", async () => {
    await using mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"], config: tracing("grpc") },
      { service: "api" },
    ]);
    await traced(mesh);
    await mesh.until("a span is there", () =>
      mesh.application("api-1").received.some(({ path }) => path.endsWith("TraceService/Export")),
    );
  });

  it("the same over OpenTelemetry's HTTP", async () => {
    await using mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"], config: tracing("http") },
      { service: "api" },
    ]);
    await traced(mesh);
    await mesh.until("a span is there", () =>
      mesh.application("api-1").received.some(({ path }) => path === "/v1/traces"),
    );
  });

  it("the same to Zipkin", async () => {
    await using mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"], config: tracing("zipkin") },
      { service: "api" },
    ]);
    await traced(mesh);
    await mesh.until("a span is there", () =>
      mesh
        .application("api-1")
        .received.some(({ path, body }) => path === "/api/v2/spans" && body.includes("traceId")),
    );
  });

  it("without either, a request is not traced but keeps the trace that it brings", async () => {
    await using mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }]);
    await mesh.scene({ entries: [defaults("api")] });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await mesh.call("api", "/", { headers: { traceparent } });
    assert.equal(mesh.application("api-1").received[0]?.headers["traceparent"], traceparent);
  });
});

/** Tracers send when they have five spans, or after five seconds. */
async function traced(mesh: TestMesh): Promise<void> {
  await mesh.scene({ entries: [defaults("api")] });
  await Promise.all(Array.from({ length: 6 }, () => mesh.call("api", "/traced")));
}

/** The collector is the application of api, past the mesh. */
const tracing = (kind: "grpc" | "http" | "zipkin") => (addressOf: (id: string) => string) => {
  const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const cluster = {
    name: "collector",
    type: "STATIC",
    connect_timeout: "1s",
    ...(kind === "grpc" && {
      typed_extension_protocol_options: {
        [options]: {
          "@type": `type.googleapis.com/${options}`,
          explicit_http_config: { http2_protocol_options: {} },
        },
      },
    }),
    load_assignment: {
      cluster_name: "collector",
      endpoints: [
        {
          lb_endpoints: [
            { endpoint: { address: { socket_address: { address: addressOf("api-1"), port_value: 8080 } } } },
          ],
        },
      ],
    },
  };
  const providers = {
    grpc: {
      name: "envoy.tracers.opentelemetry",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        service_name: "web",
        grpc_service: { envoy_grpc: { cluster_name: "collector" }, timeout: "1s" },
      },
    },
    http: {
      name: "envoy.tracers.opentelemetry",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        service_name: "web",
        http_service: {
          http_uri: { uri: "http://collector/v1/traces", cluster: "collector", timeout: "1s" },
        },
      },
    },
    zipkin: {
      name: "envoy.tracers.zipkin",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
        collector_cluster: "collector",
        collector_endpoint: "/api/v2/spans",
        collector_endpoint_version: "HTTP_JSON",
      },
    },
  };
  return {
    envoy_extra_static_clusters_json: JSON.stringify(cluster),
    envoy_tracing_json: JSON.stringify({ http: providers[kind] }),
    envoy_listener_tracing_json: JSON.stringify({ random_sampling: { value: 100 } }),
  };
};
