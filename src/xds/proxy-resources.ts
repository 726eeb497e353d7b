import { cells } from "#mesh/cells.ts";
import type { ChainTarget, CompiledChain } from "#mesh/chain/compiled-chain.ts";
import type { Endpoint } from "#mesh/endpoint.ts";
import type { EdgeGateway, EdgeHost } from "#mesh/gateway/edge-gateway.ts";
import type { TerminatingGateway } from "#mesh/gateway/terminating-gateway.ts";
import type { Mesh } from "#mesh/mesh.ts";
import type { Sidecar } from "#mesh/sidecar.ts";
import { isHttpLike, type Protocol } from "#model/config-entry/protocol.ts";
import { extended, type FailedExtension } from "./extensions/extend.ts";
import { type Resource, sameResource, sameResources } from "./resource.ts";
import { accessResource } from "./resources/access.ts";
import type { Identities } from "./resources/access-principal.ts";
import { tokensResource } from "./resources/access-tokens.ts";
import { type ChainClusters, chainClusters, type Reach, upstreamReach } from "./resources/chain-clusters.ts";
import { endpointsResource } from "./resources/endpoints.ts";
import { exposedClusters, exposedListener } from "./resources/exposed.ts";
import { edgeListener } from "./resources/gateway/edge-listener.ts";
import { jwksClusterResource } from "./resources/jwks-cluster.ts";
import { localAppCluster } from "./resources/local-cluster.ts";
import { originalDestination, outboundListener } from "./resources/outbound-listener.ts";
import { publicListener } from "./resources/public-listener.ts";
import { hostRoutes, upstreamRoutes } from "./resources/routes.ts";
import { certificateSecret, leafSecret, rootsSecret } from "./resources/secrets.ts";
import {
  type ClusterPlan,
  type FailoverPlan,
  failoverCluster,
  targetCluster,
} from "./resources/target-cluster.ts";
import { upstreamListener } from "./resources/upstream-listener.ts";
import type { Snapshot } from "./snapshot.ts";
import { terminatingResources } from "./terminating-resources.ts";

/** Until clusters are joined. */
const NO_PEERS: Identities["peers"] = new Map();

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
  readonly snapshot = (proxyId: string): Snapshot | null => {
    const [leaf, own] = [this.#leaf(proxyId), this.#own(proxyId)];
    if (leaf === null || own === null) return null;
    const all = [...new Set([leaf, this.#roots(""), ...own, ...this.#shared(proxyId)])];
    const sidecar = this.#mesh.sidecar(proxyId);
    return sidecar?.settings.extensions.length ? this.#extended(all, sidecar) : all;
  };

  /** Null where an extension fails that the user calls required: the proxy keeps what it has. */
  #extended(resources: Snapshot, sidecar: Sidecar): Snapshot | null {
    const outcome = extended(resources, sidecar);
    this.#tell(sidecar.id, outcome.failed);
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
    const plans = this.#keys(proxyId).endpoints.map(planOf<EndpointsPlan>);
    return new Map(plans.map(({ cluster, target }) => [cluster, this.#mesh.instances.endpointsOf(target)]));
  }

  #shared(proxyId: string): Resource[] {
    const { access, tokens, clusters, endpoints, failovers, routes, certificates } = this.#keys(proxyId);
    return [
      ...certificates.flatMap((key) => this.#certificate(key)),
      ...access.map((key) => this.#access(key)),
      ...tokens.flatMap((service) => this.#tokens(service)),
      ...clusters.map((key) => this.#cluster(key)),
      ...endpoints.map((key) => this.#endpoints(key)),
      ...failovers.map((key) => this.#failover(key)),
      ...routes.map((key) => this.#routes(key)),
    ];
  }

  /** The keys of the shared cells that a proxy holds: found anew when its upstreams change, not their endpoints. */
  readonly #keys = cells((proxyId): SharedKeys => {
    const sidecar = this.#mesh.sidecar(proxyId);
    if (sidecar !== null) return this.#sidecarKeys(sidecar);
    const gateway = this.#mesh.gateway(proxyId);
    if (gateway === null) return noKeys;
    return gateway.kind === "edge" ? this.#edgeKeys(gateway) : terminatingKeys(gateway);
  });

  #sidecarKeys(sidecar: Sidecar): SharedKeys {
    const { service } = sidecar;
    const ruled = ruledProtocols(sidecar);
    const reached = [...sidecar.upstreams, ...sidecar.virtual].map((upstream) => {
      const reach = upstreamReach(upstream);
      return chainClusters(upstream.chain, () => reach, this.#mesh.outgoing());
    });
    return {
      ...noKeys,
      ...clusterKeys(reached),
      access: ruled.map((protocol) => keyOf({ service, protocol } satisfies AccessPlan)),
      tokens: ruled.some(isHttpLike) ? [service] : [],
      routes: [...sidecar.upstreams, ...sidecar.virtual].flatMap(({ id, chain }) =>
        chain.Protocol === "tcp" ? [] : [keyOf({ id, chain } satisfies RoutesPlan)],
      ),
    };
  }

  /** A target that several listeners lead to is reached as the first of them says. */
  #edgeKeys({ listeners, upstreams }: EdgeGateway): SharedKeys {
    const reached = upstreams.map(({ chain, limits }) =>
      chainClusters(chain, ({ Service }) => ({ ...unlimited, ...limits[Service] }), this.#mesh.outgoing()),
    );
    const contents = listeners.flatMap(({ chains }) => chains.map(({ content }) => content));
    const routes = contents.flatMap((content) =>
      content.kind === "requests"
        ? [keyOf({ id: content.routes, hosts: content.hosts } satisfies HostRoutesPlan)]
        : [],
    );
    const certificates = listeners.flatMap(({ chains }) =>
      chains.flatMap(({ tls }) =>
        (tls?.certificates ?? []).flatMap((one) =>
          one.kind === "entry" ? [keyOf({ entry: one.entry, name: one.name } satisfies CertificatePlan)] : [],
        ),
      ),
    );
    return {
      ...noKeys,
      ...clusterKeys(reached),
      routes: [...new Set(routes)],
      certificates: [...new Set(certificates)],
    };
  }

  /** Null until certificates are made for all that it stands for. */
  readonly #own = cells((proxyId): readonly Resource[] | null => {
    const sidecar = this.#mesh.sidecar(proxyId);
    if (sidecar !== null) return sidecarResources(sidecar);
    const gateway = this.#mesh.gateway(proxyId);
    if (gateway === null) return [];
    return gateway.kind === "edge"
      ? gateway.listeners.map((listener) => edgeListener(listener, gateway))
      : terminatingResources(gateway, this.#mesh);
  });

  readonly #leaf = cells((proxyId): Resource | null => {
    const proxy = this.#mesh.sidecar(proxyId) ?? this.#mesh.gateway(proxyId);
    if (proxy === null) return null;
    const leaf = this.#mesh.certificates.leaf(
      proxyId,
      proxy.service,
      "dnsNames" in proxy ? proxy.dnsNames : [],
    );
    return leaf && leafSecret(leaf);
  }, sameResource);

  readonly #roots = cells((): Resource => rootsSecret(this.#mesh.certificates.trustBundle()), sameResource);

  readonly #access = cells((key): Resource => {
    const { service, protocol } = planOf<AccessPlan>(key);
    return accessResource(service, protocol, this.#mesh.access.rules(service), {
      trustDomain: this.#mesh.trustDomain(),
      peers: NO_PEERS,
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

  readonly #certificate = cells((key): readonly Resource[] => {
    const { entry, name } = planOf<CertificatePlan>(key);
    const found = this.#mesh.certificate(entry, name);
    return found === undefined ? [] : [certificateSecret(found)];
  }, sameResources);

  readonly #failover = cells((key): Resource => failoverCluster(planOf<FailoverPlan>(key)), sameResource);

  readonly #endpoints = cells((key): Resource => {
    const { cluster, target } = planOf<EndpointsPlan>(key);
    return endpointsResource(cluster, this.#mesh.instances.endpointsOf(target));
  }, sameResource);

  readonly #routes = cells((key): Resource => {
    const plan = planOf<RoutesPlan | HostRoutesPlan>(key);
    const validate = this.#mesh.validateClusters();
    return "hosts" in plan
      ? hostRoutes(plan.id, plan.hosts, validate)
      : upstreamRoutes(plan.id, plan.chain, validate);
  }, sameResource);
}

interface SharedKeys {
  readonly access: readonly string[];
  /** Services. */
  readonly tokens: readonly string[];
  readonly clusters: readonly string[];
  readonly endpoints: readonly string[];
  readonly failovers: readonly string[];
  readonly routes: readonly string[];
  readonly certificates: readonly string[];
}

const noKeys: SharedKeys = {
  access: [],
  tokens: [],
  clusters: [],
  endpoints: [],
  failovers: [],
  routes: [],
  certificates: [],
};

interface AccessPlan {
  readonly service: string;
  readonly protocol: Protocol;
}

interface EndpointsPlan {
  readonly cluster: string;
  readonly target: ChainTarget;
}

interface RoutesPlan {
  readonly id: string;
  readonly chain: CompiledChain;
}

interface HostRoutesPlan {
  readonly id: string;
  readonly hosts: readonly EdgeHost[];
}

interface CertificatePlan {
  readonly entry: "inline-certificate" | "file-system-certificate";
  readonly name: string;
}

const unlimited: Reach = { limits: null, passiveHealthCheck: null, custom: "" };

function terminatingKeys({ services }: TerminatingGateway): SharedKeys {
  return {
    ...noKeys,
    access: services.map(({ link, protocol }) =>
      keyOf({ service: link.Name, protocol } satisfies AccessPlan),
    ),
    tokens: services.flatMap(({ link, protocol }) => (isHttpLike(protocol) ? [link.Name] : [])),
  };
}

function sidecarResources(sidecar: Sidecar): Resource[] {
  return [
    localAppCluster(sidecar),
    publicListener(sidecar),
    ...sidecar.upstreams.map((upstream) => upstreamListener(upstream, sidecar.settings)),
    ...(sidecar.settings.transparent ? [outboundListener(sidecar), originalDestination()] : []),
    ...sidecar.exposed.map(exposedListener),
    ...exposedClusters(sidecar.exposed, sidecar.inbound.localAddress),
  ];
}

/** The first cluster of a name is the one that is meant. */
function clusterKeys(
  reached: readonly ChainClusters[],
): Pick<SharedKeys, "clusters" | "endpoints" | "failovers"> {
  const first = (name: string, index: number, names: readonly string[]) => names.indexOf(name) === index;
  const all = reached.flatMap(({ targets }) => targets);
  const names = all.map(({ cluster }) => cluster.name);
  const targets = all.filter((_, index) => first(names[index] ?? "", index, names));
  return {
    clusters: targets.map(({ cluster }) => keyOf(cluster)),
    endpoints: targets
      .filter(({ cluster }) => cluster.custom === "")
      .map(({ cluster, target }) => keyOf({ cluster: cluster.name, target } satisfies EndpointsPlan)),
    failovers: reached.flatMap(({ failovers }) => failovers.map(keyOf)),
  };
}

/** A listener of the user's own may look at connections where the computed one looks at requests. */
function ruledProtocols({ inbound, settings }: Sidecar): readonly Protocol[] {
  return settings.config.EnvoyPublicListenerJSON === "" ? [inbound.protocol] : ["tcp", "http"];
}

const keyOf = (plan: object): string => JSON.stringify(plan);
const planOf = <Plan>(key: string): Plan => JSON.parse(key) as Plan;
