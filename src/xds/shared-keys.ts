import type { CompiledChain } from "#mesh/chain/compiled-chain.ts";
import type { EdgeHost } from "#mesh/gateway/edge-gateway.ts";
import type { Elsewhere } from "#mesh/gateway/elsewhere.ts";
import type { InwardPassage, MeshGateway } from "#mesh/gateway/mesh-gateway.ts";
import type { TerminatingGateway } from "#mesh/gateway/terminating-gateway.ts";
import type { TargetPlace } from "#mesh/instances.ts";
import { isHttpLike, type Protocol } from "#model/config-entry/protocol.ts";
import type { ChainClusters, TargetPlan } from "./resources/chain-clusters.ts";
import type { PassagePlan } from "./resources/gateway/passage-cluster.ts";
import { callersName, peerRootsName } from "./resources/secrets.ts";

/**
 * What is the same for several proxies, by keys that say everything that it is made of: proxies for which a key
 * is equal share one encoding.
 */
export interface SharedKeys {
  readonly access: readonly string[];
  /** Services. */
  readonly tokens: readonly string[];
  readonly clusters: readonly string[];
  /** Clusters of a mesh gateway. */
  readonly passages: readonly string[];
  readonly endpoints: readonly string[];
  readonly failovers: readonly string[];
  readonly routes: readonly string[];
  /** Peers whose roots it knows. */
  readonly peers: readonly string[];
  readonly callers: readonly string[];
  readonly certificates: readonly string[];
}

export const noKeys: SharedKeys = {
  access: [],
  tokens: [],
  clusters: [],
  passages: [],
  endpoints: [],
  failovers: [],
  routes: [],
  peers: [],
  callers: [],
  certificates: [],
};

export interface AccessPlan {
  readonly service: string;
  readonly protocol: Protocol;
}

export type EndpointsPlan =
  /** `from`: the node that it is seen from, where that makes a difference. */
  | { readonly cluster: string; readonly target: TargetPlace; readonly from?: string }
  /** The gateways there. */
  | { readonly cluster: string; readonly elsewhere: Elsewhere }
  /** A service, as peers call it. */
  | { readonly cluster: string; readonly exported: string };

export interface CallersPlan {
  /** Of the secret. */
  readonly name: string;
  readonly service: string;
}

export interface RoutesPlan {
  readonly id: string;
  readonly chain: CompiledChain;
}

export interface HostRoutesPlan {
  readonly id: string;
  readonly hosts: readonly EdgeHost[];
}

export interface CertificatePlan {
  readonly entry: "inline-certificate" | "file-system-certificate";
  readonly name: string;
}

export function terminatingKeys({ services }: TerminatingGateway): SharedKeys {
  return {
    ...noKeys,
    callers: services.map(({ link }) =>
      keyOf({ name: callersName(link.Name), service: link.Name } satisfies CallersPlan),
    ),
    access: services.map(({ link, protocol }) =>
      keyOf({ service: link.Name, protocol } satisfies AccessPlan),
    ),
    tokens: services.flatMap(({ link, protocol }) => (isHttpLike(protocol) ? [link.Name] : [])),
  };
}

/** Of a mesh gateway. A cluster that several names lead to is there once. */
export function meshGatewayKeys({ inward, onward }: MeshGateway, datacenter: string): SharedKeys {
  const within = inward.map(({ cluster, connectTimeout, loadBalancer, service, subset }) => ({
    passage: { name: cluster, connectTimeout, loadBalancer, keepalive: null } satisfies PassagePlan,
    endpoints: inwardEndpoints(cluster, service, subset, datacenter),
  }));
  const beyond = onward.map(({ cluster, connectTimeout, keepalive, elsewhere }) => ({
    passage: { name: cluster, connectTimeout, loadBalancer: null, keepalive } satisfies PassagePlan,
    endpoints: { cluster, elsewhere } satisfies EndpointsPlan,
  }));
  const all = [...within, ...beyond];
  return {
    ...noKeys,
    passages: [...new Set(all.map(({ passage }) => keyOf(passage)))],
    endpoints: [...new Set(all.map(({ endpoints }) => keyOf(endpoints)))],
  };
}

/** The first cluster of a name is the one that is meant. */
export function clusterKeys(
  reached: readonly ChainClusters[],
): Pick<SharedKeys, "clusters" | "endpoints" | "failovers" | "peers"> {
  const first = new Map<string, TargetPlan>();
  for (const plan of reached.flatMap(({ targets }) => targets)) {
    if (!first.has(plan.cluster.name)) first.set(plan.cluster.name, plan);
  }
  const targets = [...first.values()];
  return {
    clusters: targets.map(({ cluster }) => keyOf(cluster)),
    endpoints: targets
      .filter(({ cluster }) => cluster.custom === "")
      .map(({ cluster, target }) =>
        keyOf({ cluster: cluster.name, target: placeOf(target) } satisfies EndpointsPlan),
      ),
    peers: [...new Set(targets.filter(isImported).map(({ target }) => target.Peer))],
    failovers: reached.flatMap(({ failovers }) => failovers.map(keyOf)),
  };
}

function isImported({ cluster, target }: TargetPlan): boolean {
  return target.Peer !== "" && cluster.roots === peerRootsName(target.Peer);
}

function inwardEndpoints(
  cluster: string,
  service: string,
  subset: InwardPassage["subset"],
  datacenter: string,
): EndpointsPlan {
  if (subset === "exported") return { cluster, exported: service };
  const where = { Service: service, Subset: subset, Datacenter: datacenter, Peer: "" };
  return { cluster, target: { ...where, MeshGateway: { Mode: "" } } };
}

/** A target's other properties do not say where it is, and differ between those who reach it. */
function placeOf({ Service, Datacenter, Peer, Subset, MeshGateway }: TargetPlace): TargetPlace {
  return { Service, Datacenter, Peer, Subset, MeshGateway };
}

export const keyOf = (plan: object): string => JSON.stringify(plan);
export const planOf = <Plan>(key: string): Plan => JSON.parse(key) as Plan;
