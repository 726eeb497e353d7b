import { isDeepStrictEqual } from "node:util";
import { cells } from "#mesh/cells.ts";
import { type Endpoint, seenFrom } from "#mesh/endpoint.ts";
import type { Mesh, Outgoing } from "#mesh/mesh.ts";
import type { Sidecar } from "#mesh/sidecar.ts";
import { ENVOY_VERSION } from "#model/envoy-binary.ts";
import { extended, type FailedExtension, isExtended } from "./extensions/extend.ts";
import { type ExtendedProxy, extendedGateway, extendedSidecar } from "./extensions/extended-proxy.ts";
import { edgeKeys, sidecarKeys } from "./proxy-keys.ts";
import { type Resource, sameResource, sameResources } from "./resource.ts";
import { accessResource } from "./resources/access.ts";
import type { PeerIdentity } from "./resources/access-principal.ts";
import { tokensResource } from "./resources/access-tokens.ts";
import { endpointsResource } from "./resources/endpoints.ts";
import { exposedClusters, exposedListener } from "./resources/exposed.ts";
import { edgeListener } from "./resources/gateway/edge-listener.ts";
import { meshListener } from "./resources/gateway/mesh-listener.ts";
import { type PassagePlan, passageCluster } from "./resources/gateway/passage-cluster.ts";
import { jwksClusterResource } from "./resources/jwks-cluster.ts";
import { localAppCluster } from "./resources/local-cluster.ts";
import { transparentResources } from "./resources/outbound-listener.ts";
import { publicListener } from "./resources/public-listener.ts";
import { hostRoutes, upstreamRoutes } from "./resources/routes.ts";
import {
  callersSecret,
  certificateSecret,
  leafSecret,
  peerRootsName,
  rootsSecret,
} from "./resources/secrets.ts";
import {
  type ClusterPlan,
  type FailoverPlan,
  failoverCluster,
  targetCluster,
} from "./resources/target-cluster.ts";
import { upstreamListener } from "./resources/upstream-listener.ts";
import {
  type AccessPlan,
  type CallersPlan,
  type CertificatePlan,
  type EndpointsPlan,
  type HostRoutesPlan,
  keyOf,
  meshGatewayKeys,
  noKeys,
  planOf,
  type RoutesPlan,
  type SharedKeys,
  terminatingKeys,
} from "./shared-keys.ts";
import type { Snapshot } from "./snapshot.ts";
import { terminatingResources } from "./terminating-resources.ts";

/**
 * From what the mesh says a proxy must hold to encoded resources. What many proxies share is a cell whose key
 * says everything that it is made of: proxies for which that is equal share one encoding.
 */
export class ProxyResources {
  readonly #mesh: Mesh;
  readonly #extensionFailed: (proxyId: string, failure: FailedExtension) => void;
  readonly #failures = new Map<string, string>();

  constructor(mesh: Mesh, extensionFailed: (proxyId: string, failure: FailedExtension) => void = () => {}) {
    this.#mesh = mesh;
    this.#extensionFailed = extensionFailed;
  }

  /** Everything that the proxy should hold; null while it is not registered or has no certificate. */
  readonly snapshot = (proxyId: string, envoyVersion: string = ENVOY_VERSION): Snapshot | null => {
    const [leaf, own] = [this.#leaf(proxyId), this.#own(proxyId)];
    if (leaf === null || own === null) return null;
    // Only its clusters ask for them: whom it lets in is said by secrets of their own.
    const roots = this.#keys(proxyId).clusters.length > 0 ? [this.#roots("")] : [];
    const all = [...new Set([leaf, ...roots, ...own, ...this.#shared(proxyId)])];
    const proxy = this.#extendedProxy(proxyId);
    return proxy === null ? all : this.#extended(all, proxy, envoyVersion);
  };

  /** Null where no extension concerns the proxy. */
  readonly #extendedProxy = cells((proxyId): ExtendedProxy | null => {
    const sidecar = this.#mesh.sidecar(proxyId);
    const gateway = sidecar === null ? this.#mesh.gateways.of(proxyId) : null;
    if (gateway?.kind === "mesh") return null;
    const proxy = sidecar ? extendedSidecar(sidecar) : gateway && extendedGateway(gateway);
    return proxy !== null && isExtended(proxy) ? proxy : null;
  });

  /** Null where an extension fails that the user calls required: the proxy keeps what it has. */
  #extended(resources: Snapshot, proxy: ExtendedProxy, envoyVersion: string): Snapshot | null {
    const outcome = extended(resources, proxy, envoyVersion);
    this.#tell(proxy.id, outcome.failed);
    return outcome.failed.some(({ required }) => required) ? null : outcome.resources;
  }

  /** Once for each new set of failures: a snapshot is made at every change. */
  #tell(proxyId: string, failed: readonly FailedExtension[]): void {
    const told = JSON.stringify(failed);
    if (this.#failures.get(proxyId) === told || (failed.length === 0 && !this.#failures.delete(proxyId)))
      return;
    if (failed.length > 0) this.#failures.set(proxyId, told);
    for (const failure of failed) this.#extensionFailed(proxyId, failure);
  }

  /** The endpoints that a proxy should know, by cluster. */
  endpointsOf(proxyId: string): ReadonlyMap<string, readonly Endpoint[]> {
    const plans = this.#endpointKeys(proxyId).map(planOf<EndpointsPlan>);
    return new Map(plans.map((plan) => [plan.cluster, this.#endpointsOf(plan)]));
  }

  #endpointsOf(plan: EndpointsPlan): readonly Endpoint[] {
    if ("exported" in plan) return this.#mesh.exports.endpoints(plan.exported);
    if ("elsewhere" in plan) return this.#mesh.instances.gatewaysOf(plan.elsewhere);
    const endpoints = this.#mesh.instances.endpointsOf(plan.target);
    return plan.from === undefined ? endpoints : seenFrom(plan.from, endpoints);
  }

  /** Proxies of all nodes share a list of endpoints, but for those of a node that has one of them. */
  readonly #endpointKeys = cells((proxyId): readonly string[] => {
    const from = this.#mesh.instances.nodeOf(proxyId);
    return this.#keys(proxyId).endpoints.map((key) =>
      this.#nodes(key).includes(from) ? keyOf({ ...planOf<EndpointsPlan>(key), from }) : key,
    );
  }, isDeepStrictEqual);

  readonly #nodes = cells((key): readonly string[] => {
    const plan = planOf<EndpointsPlan>(key);
    return "target" in plan ? this.#mesh.instances.nodesOf(plan.target) : [];
  }, isDeepStrictEqual);

  #shared(proxyId: string): Resource[] {
    const { callers, peers, access, tokens, clusters, passages, failovers, routes, certificates } =
      this.#keys(proxyId);
    return [
      ...callers.map((key) => this.#callers(key)),
      ...peers.map((peer) => this.#peerRoots(peer)),
      ...certificates.flatMap((key) => this.#certificate(key)),
      ...access.map((key) => this.#access(key)),
      ...tokens.flatMap((service) => this.#tokens(service)),
      ...clusters.map((key) => this.#cluster(key)),
      ...passages.map((key) => this.#passage(key)),
      ...this.#endpointKeys(proxyId).map((key) => this.#endpoints(key)),
      ...failovers.map((key) => this.#failover(key)),
      ...routes.map((key) => this.#routes(key)),
    ];
  }

  /** The keys of the shared cells that a proxy holds: found anew when its upstreams change, not their endpoints. */
  readonly #keys = cells((proxyId): SharedKeys => {
    const sidecar = this.#mesh.sidecar(proxyId);
    if (sidecar !== null) return sidecarKeys(sidecar, this.#mesh.outgoing());
    const gateway = this.#mesh.gateways.of(proxyId);
    if (gateway === null) return noKeys;
    switch (gateway.kind) {
      case "edge":
        return edgeKeys(gateway, this.#mesh.outgoing());
      case "terminating":
        return terminatingKeys(gateway);
      case "mesh":
        return meshGatewayKeys(gateway, this.#mesh.datacenter);
    }
  });

  /** Null until certificates are made for all that it stands for. */
  readonly #own = cells((proxyId): readonly Resource[] | null => {
    const sidecar = this.#mesh.sidecar(proxyId);
    if (sidecar !== null) return sidecarResources(sidecar, this.#mesh.outgoing());
    const gateway = this.#mesh.gateways.of(proxyId);
    if (gateway === null) return [];
    switch (gateway.kind) {
      case "edge":
        return gateway.listeners.map((listener) => edgeListener(listener, gateway));
      case "terminating":
        return terminatingResources(gateway, this.#mesh);
      case "mesh":
        return gateway.addresses.map((at) => meshListener(at, gateway));
    }
  });

  readonly #leaf = cells((proxyId): Resource | null => {
    const proxy = this.#mesh.sidecar(proxyId) ?? this.#mesh.gateways.of(proxyId);
    if (proxy === null) return null;
    const leaf =
      "kind" in proxy && proxy.kind === "mesh"
        ? this.#mesh.certificates.meshGatewayLeaf(proxyId)
        : this.#mesh.certificates.leaf(proxyId, proxy.service, "dnsNames" in proxy ? proxy.dnsNames : []);
    return leaf && leafSecret(leaf);
  }, sameResource);

  readonly #roots = cells((): Resource => rootsSecret(this.#mesh.certificates.trustBundle()), sameResource);

  readonly #peerRoots = cells(
    (peer): Resource => rootsSecret(this.#mesh.peers.trustBundle(peer), peerRootsName(peer)),
    sameResource,
  );

  readonly #callers = cells((key): Resource => {
    const { name, service } = planOf<CallersPlan>(key);
    const own = { trustDomain: this.#mesh.trustDomain(), roots: this.#mesh.certificates.trustBundle() };
    const callers = this.#mesh.exports.callers(service);
    const peers = this.#mesh.peers.all("").filter(({ peer }) => callers.includes(peer));
    return callersSecret(
      name,
      own,
      peers.map(({ trustDomain, roots }) => ({ trustDomain, roots: roots.join("") })),
    );
  }, sameResource);

  /** As whom peers call. */
  readonly #peers = cells(
    (): ReadonlyMap<string, PeerIdentity> =>
      new Map(
        this.#mesh.peers
          .all("")
          .map(({ peer, trustDomain }) => [peer, { trustDomain, partition: "default" }]),
      ),
    isDeepStrictEqual,
  );

  readonly #access = cells((key): Resource => {
    const { service, protocol } = planOf<AccessPlan>(key);
    return accessResource(service, protocol, this.#mesh.access.rules(service), {
      trustDomain: this.#mesh.trustDomain(),
      peers: this.#peers(""),
    });
  }, sameResource);

  /** What checks the tokens that requests to a service bring, and where its keys are fetched. */
  readonly #tokens = cells((service): readonly Resource[] => {
    const providers = this.#mesh.access.tokenProviders(service);
    const remote = providers.flatMap(({ Name, JSONWebKeySet }) =>
      JSONWebKeySet?.Remote ? [jwksClusterResource(Name, JSONWebKeySet.Remote)] : [],
    );
    return [tokensResource(service, providers), ...remote];
  }, sameResources);

  readonly #cluster = cells((key): Resource => targetCluster(planOf<ClusterPlan>(key)), sameResource);

  readonly #passage = cells((key): Resource => passageCluster(planOf<PassagePlan>(key)), sameResource);

  readonly #certificate = cells((key): readonly Resource[] => {
    const { entry, name } = planOf<CertificatePlan>(key);
    const found = this.#mesh.gateways.certificate(entry, name);
    return found === undefined ? [] : [certificateSecret(found)];
  }, sameResources);

  readonly #failover = cells((key): Resource => failoverCluster(planOf<FailoverPlan>(key)), sameResource);

  readonly #endpoints = cells((key): Resource => {
    const plan = planOf<EndpointsPlan>(key);
    return endpointsResource(plan.cluster, this.#endpointsOf(plan));
  }, sameResource);

  readonly #routes = cells((key): Resource => {
    const plan = planOf<RoutesPlan | HostRoutesPlan>(key);
    const validate = this.#mesh.validateClusters();
    return "hosts" in plan
      ? hostRoutes(plan.id, plan.hosts, validate)
      : upstreamRoutes(plan.id, plan.chain, validate);
  }, sameResource);
}

function sidecarResources(sidecar: Sidecar, mesh: Outgoing): Resource[] {
  return [
    localAppCluster(sidecar),
    publicListener(sidecar),
    ...sidecar.upstreams.map((upstream) => upstreamListener(upstream, sidecar.settings)),
    ...(sidecar.settings.transparent ? transparentResources(sidecar, mesh) : []),
    ...sidecar.exposed.map(exposedListener),
    ...exposedClusters(sidecar.exposed, sidecar.inbound.localAddress),
  ];
}
