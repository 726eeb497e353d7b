import { computed } from "@preact/signals-core";
import { cells } from "#mesh/cells.ts";
import type { Mesh } from "#mesh/mesh.ts";
import type { Sidecar } from "#mesh/sidecar.ts";
import { type Resource, sameResource, sameResources } from "./resource.ts";
import { accessResource } from "./resources/access.ts";
import { tokensResource } from "./resources/access-tokens.ts";
import { localAppCluster, targetCluster } from "./resources/clusters.ts";
import { endpointsResource } from "./resources/endpoints.ts";
import { exposedClusters, exposedListener } from "./resources/exposed.ts";
import { jwksClusterResource } from "./resources/jwks-cluster.ts";
import { publicListener, upstreamListener } from "./resources/listeners.ts";
import { upstreamRoutes } from "./resources/routes.ts";
import { leafSecret, rootsSecret } from "./resources/secrets.ts";
import { type Snapshot, snapshotOf } from "./snapshot.ts";

/** Until clusters are joined. */
const NO_PEERS = new Map();

/**
 * From what the mesh says a proxy must hold to encoded resources. What many proxies share is a cell of its
 * own, by service: encoded once, however many proxies hold it.
 */
export class ProxyResources {
  readonly #mesh: Mesh;

  constructor(mesh: Mesh) {
    this.#mesh = mesh;
  }

  /** Everything that the proxy should hold; null while it is not registered or has no certificate. */
  readonly snapshot = (proxyId: string): Snapshot | null => {
    const sidecar = this.#mesh.sidecar(proxyId);
    if (sidecar === null) return null;
    const leaf = this.#leaf(proxyId);
    if (leaf === null) return null;
    return snapshotOf([leaf, this.#roots.value, ...this.#own(proxyId), ...this.#shared(sidecar)]);
  };

  #shared({ service, upstreams }: Sidecar): Resource[] {
    const destinations = [...new Set(upstreams.map((upstream) => upstream.target.service))];
    return [
      this.#access(service),
      ...this.#tokens(service),
      ...destinations.flatMap((destination) => [this.#cluster(destination), this.#endpoints(destination)]),
    ];
  }

  readonly #own = cells((proxyId): readonly Resource[] => {
    const sidecar = this.#mesh.sidecar(proxyId);
    if (sidecar === null) return [];
    const http = sidecar.upstreams.filter((upstream) => upstream.protocol !== "tcp");
    return [
      localAppCluster(sidecar),
      publicListener(sidecar),
      ...sidecar.upstreams.map(upstreamListener),
      ...http.map(upstreamRoutes),
      ...exposedClusters(sidecar.exposed, sidecar.inbound.localAddress),
      ...sidecar.exposed.map(exposedListener),
    ];
  });

  readonly #leaf = cells((proxyId): Resource | null => {
    const sidecar = this.#mesh.sidecar(proxyId);
    const leaf = sidecar && this.#mesh.leaf(proxyId, sidecar.service);
    return leaf && leafSecret(leaf);
  }, sameResource);

  readonly #roots = computed((): Resource => rootsSecret(this.#mesh.trustBundle()));

  readonly #access = cells(
    (service): Resource =>
      accessResource(service, this.#mesh.protocol(service), this.#mesh.access(service), {
        trustDomain: this.#mesh.trustDomain(),
        peers: NO_PEERS,
      }),
    sameResource,
  );

  /** What checks the tokens that requests to a service bring, and where its keys are fetched. */
  readonly #tokens = cells((service): readonly Resource[] => {
    if (this.#mesh.protocol(service) === "tcp") return [];
    const providers = this.#mesh.tokenProviders(service);
    const remote = providers.flatMap(({ Name, JSONWebKeySet }) =>
      JSONWebKeySet?.Remote ? [jwksClusterResource(Name, JSONWebKeySet.Remote)] : [],
    );
    return [tokensResource(service, providers), ...remote];
  }, sameResources);

  readonly #cluster = cells(
    (service): Resource => targetCluster(this.#mesh.target(service), this.#mesh.protocol(service)),
    sameResource,
  );

  readonly #endpoints = cells(
    (service): Resource => endpointsResource(this.#mesh.target(service).name, this.#mesh.endpoints(service)),
    sameResource,
  );
}
