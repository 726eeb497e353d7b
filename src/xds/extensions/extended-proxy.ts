import type { CompiledChain } from "#mesh/chain/compiled-chain.ts";
import type { EdgeGateway } from "#mesh/gateway/edge-gateway.ts";
import type { TerminatingGateway } from "#mesh/gateway/terminating-gateway.ts";
import { listenerName, type Reachable, type Sidecar, virtualChainNames } from "#mesh/sidecar.ts";
import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";

/** A proxy as its extensions see it. */
export interface ExtendedProxy {
  readonly id: string;
  readonly type: "connect-proxy" | "ingress-gateway" | "api-gateway" | "terminating-gateway";
  readonly service: string;
  readonly extensions: readonly EnvoyExtension[];
  readonly reached: readonly ReachedService[];
}

/** A service that a proxy reaches, and the names of what leads to it and to no other. */
export interface ReachedService {
  readonly service: string;
  readonly chain: CompiledChain | null;
  readonly listeners: readonly string[];
  /** Of listeners that lead to several services: names of filter chains, or the server names that they are for. */
  readonly filterChains: readonly string[];
  readonly routes: readonly string[];
  /** Names of clusters, before which there may be more, up to a `~`. */
  readonly clusters: readonly string[];
  /** What the service asks of its callers. */
  readonly extensions: readonly EnvoyExtension[];
}

export function extendedSidecar(sidecar: Sidecar): ExtendedProxy {
  const { id, service, settings, upstreams, virtual } = sidecar;
  return {
    ...{ id, service, type: "connect-proxy", extensions: settings.extensions },
    reached: [
      ...upstreams.map((one) => ({ ...reachedBy(one), listeners: [listenerName(one)], filterChains: [] })),
      ...virtual.map((one) => ({
        ...reachedBy(one),
        ...{ listeners: [], filterChains: virtualChainNames(one.id, sidecar) },
      })),
    ],
  };
}

function reachedBy({ id, service, chain, extensions }: Reachable) {
  return { service, chain, extensions, routes: [id], clusters: targetsOf(chain) };
}

export function extendedGateway(gateway: EdgeGateway | TerminatingGateway): ExtendedProxy {
  const { id, service, settings } = gateway;
  const common = { id, service, extensions: settings.extensions };
  return gateway.kind === "edge"
    ? { ...common, type: gateway.type, reached: gateway.upstreams.map(({ chain }) => behindEdge(chain)) }
    : { ...common, type: "terminating-gateway", reached: gateway.services.map(outside) };
}

function behindEdge(chain: CompiledChain): ReachedService {
  const names = { listeners: [], filterChains: [], routes: [], clusters: targetsOf(chain) };
  return { service: chain.ServiceName, chain, extensions: [], ...names };
}

function outside({ link, targets, extensions }: TerminatingGateway["services"][number]): ReachedService {
  const names = targets.map(({ name }) => name);
  return {
    ...{ service: link.Name, chain: null, extensions },
    ...{ listeners: [], filterChains: names, routes: names, clusters: names },
  };
}

const targetsOf = ({ Targets }: CompiledChain) => Object.values(Targets).map(({ Name }) => Name);
