import { join } from "node:path";
import { describe, it } from "node:test";
import { createRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import { TypedExtensionConfigSchema } from "#envoy/config/core/v3/extension_pb.js";
import { ClusterLoadAssignmentSchema } from "#envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "#envoy/config/route/v3/route_pb.js";
import { RBACSchema as HttpRbacSchema } from "#envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import { RouterSchema } from "#envoy/extensions/filters/http/router/v3/router_pb.js";
import { HttpConnectionManagerSchema } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { RBACSchema as NetworkRbacSchema } from "#envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { TcpProxySchema } from "#envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import { SecretSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { HttpProtocolOptionsSchema } from "#envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import { newTrustDomain } from "#mesh/ca/spiffe.ts";
import type { Endpoint } from "#mesh/endpoint.ts";
import { accessRules, intentionsOf } from "#mesh/intentions.ts";
import type { Bind, Sidecar } from "#mesh/sidecar.ts";
import { targetOf } from "#mesh/target.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import { matchGolden } from "../../../test/support/golden.ts";
import type { Resource } from "../resource.ts";
import { accessResource } from "./access.ts";
import { localAppCluster, targetCluster } from "./clusters.ts";
import { endpointsResource } from "./endpoints.ts";
import { exposedClusters, exposedListener } from "./exposed.ts";
import { publicListener, upstreamListener } from "./listeners.ts";
import { upstreamRoutes } from "./routes.ts";
import { leafSecret, rootsSecret } from "./secrets.ts";

const registry = createRegistry(
  ClusterSchema,
  ClusterLoadAssignmentSchema,
  ListenerSchema,
  RouteConfigurationSchema,
  SecretSchema,
  TypedExtensionConfigSchema,
  HttpRbacSchema,
  NetworkRbacSchema,
  RouterSchema,
  HttpConnectionManagerSchema,
  TcpProxySchema,
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
  HttpProtocolOptionsSchema,
);

const trustDomain = newTrustDomain("11111111-2222-3333-4444-555555555555");

function golden(name: string, resources: readonly Resource[]): void {
  const messages = resources.map(({ any }) => {
    const packed = fromBinary(AnySchema, any);
    const message = anyUnpack(packed, registry);
    const schema = message && registry.getMessage(message.$typeName);
    if (!message || !schema) throw new Error(`${packed.typeUrl} is not in the test's registry`);
    return { "@type": packed.typeUrl, ...(toJson(schema, message, { registry }) as object) };
  });
  matchGolden(
    join(import.meta.dirname, "goldens", `${name}.golden.json`),
    `${JSON.stringify(messages, null, 2)}\n`,
  );
}

const sidecar = (protocol: Protocol, bind: Bind): Sidecar => ({
  id: "web-sidecar-proxy",
  service: "web",
  inbound: { address: "0.0.0.0", port: 21000, protocol, localAddress: "127.0.0.1", localPort: 9001 },
  exposed: [],
  upstreams: [{ id: "api", bind, protocol, target: targetOf("api", "dc1", trustDomain) }],
});

const endpoint = (id: string, over: Partial<Endpoint> = {}): Endpoint => ({
  id,
  node: "n1",
  address: "10.0.0.1",
  port: 20001,
  healthy: true,
  weight: 1,
  ...over,
});

/** All that a sidecar with one upstream holds, certificates aside. */
const held = ({ inbound: { protocol }, upstreams, ...rest }: Sidecar): Resource[] => {
  const whole = { ...rest, inbound: { ...sidecar(protocol, port).inbound }, upstreams };
  const access = accessRules(intentionsOf([]), "allow");
  return [
    localAppCluster(whole),
    ...upstreams.map(({ target }) => targetCluster(target, protocol)),
    ...upstreams.map(({ target }) =>
      endpointsResource(target.name, [endpoint("a"), endpoint("b", { healthy: false, weight: 5 })]),
    ),
    accessResource(whole.service, protocol, access, trustDomain),
    publicListener(whole),
    ...upstreams.map(upstreamListener),
    ...(protocol === "tcp" ? [] : upstreams.map(upstreamRoutes)),
  ];
};

const port: Bind = { kind: "port", address: "127.0.0.1", port: 8080 };

describe("resources of a sidecar", () => {
  for (const protocol of ["tcp", "http", "grpc"] as const) {
    it(`for ${protocol}`, () => golden(`sidecar-${protocol}`, held(sidecar(protocol, port))));
  }

  it("exposes paths, and nothing else at their port", () => {
    const path = { Path: "/health", Protocol: "http", LocalPathPort: 9001, ListenerPort: 21500 } as const;
    const exposed = { address: "0.0.0.0", port: 21500, paths: [path, { ...path, Path: "/metrics" }] };
    golden("exposed-paths", [exposedListener(exposed), ...exposedClusters([exposed], "127.0.0.1")]);
  });

  it("with an upstream on a socket in the file system", () => {
    const [upstream] = sidecar("tcp", {
      kind: "socket",
      path: "/alloc/tmp/api.sock",
      mode: "0600",
    }).upstreams;
    if (upstream) golden("upstream-socket", [upstreamListener(upstream)]);
  });

  it("certificates, under the names that everything else uses", () => {
    golden("secrets", [leafSecret({ certificate: "CERTIFICATE", privateKey: "KEY" }), rootsSecret("ROOTS")]);
  });
});

describe("access rules", () => {
  const entries = [
    {
      Name: "api",
      Sources: [
        { Name: "web", Action: "allow" as const },
        { Name: "*", Action: "deny" as const },
      ],
    },
    { Name: "*", Sources: [{ Name: "batch.1", Action: "deny" as const }] },
  ];
  const rules = (policy: "allow" | "deny") => accessRules(intentionsOf(entries), policy);

  it("name who is refused where the default is to allow", () => {
    golden("access-default-allow", [accessResource("api", "tcp", rules("allow"), trustDomain)]);
  });

  it("name who is let in where the default is to deny", () => {
    golden("access-default-deny", [accessResource("api", "http", rules("deny"), trustDomain)]);
  });

  it("let nobody in without intentions where the default is to deny", () => {
    golden("access-nobody", [accessResource("api", "http", accessRules([], "deny"), trustDomain)]);
  });
});
