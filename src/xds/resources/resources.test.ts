import { describe, it } from "node:test";
import { accessRules } from "#mesh/access-rules.ts";
import { newTrustDomain } from "#mesh/ca/spiffe.ts";
import type { Endpoint } from "#mesh/endpoint.ts";
import type { Bind, Sidecar } from "#mesh/sidecar.ts";
import { targetOf } from "#mesh/target.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import { matchResources } from "../../../test/support/resource-golden.ts";
import type { Resource } from "../resource.ts";
import { accessResource } from "./access.ts";
import { localAppCluster, targetCluster } from "./clusters.ts";
import { endpointsResource } from "./endpoints.ts";
import { exposedClusters, exposedListener } from "./exposed.ts";
import { publicListener, upstreamListener } from "./listeners.ts";
import { upstreamRoutes } from "./routes.ts";
import { leafSecret, rootsSecret } from "./secrets.ts";

const trustDomain = newTrustDomain("11111111-2222-3333-4444-555555555555");

const golden = (name: string, resources: readonly Resource[]) =>
  matchResources(import.meta.dirname, name, resources);

const sidecar = (protocol: Protocol, bind: Bind): Sidecar => ({
  id: "web-sidecar-proxy",
  service: "web",
  inbound: {
    address: "0.0.0.0",
    port: 21000,
    protocol,
    localAddress: "127.0.0.1",
    localPort: 9001,
    normalization: null,
  },
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
  const access = accessRules([], "allow", protocol !== "tcp");
  return [
    localAppCluster(whole),
    ...upstreams.map(({ target }) => targetCluster(target, protocol)),
    ...upstreams.map(({ target }) =>
      endpointsResource(target.name, [endpoint("a"), endpoint("b", { healthy: false, weight: 5 })]),
    ),
    accessResource(whole.service, protocol, access, { trustDomain, peers: new Map() }),
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
