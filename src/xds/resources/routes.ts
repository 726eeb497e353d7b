import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type {
  RouteSchema,
  WeightedCluster_ClusterWeightSchema,
} from "#envoy/config/route/v3/route_components_pb.js";
import { RouteConfigurationSchema } from "#envoy/config/route/v3/route_pb.js";
import type { ChainNode, ChainSplit, CompiledChain, ResolverNode } from "#mesh/chain/compiled-chain.ts";
import type { EdgeHost } from "#mesh/gateway/edge-gateway.ts";
import type { LoadBalancer } from "#model/config-entry/service-resolver.ts";
import type { ServiceRoute } from "#model/config-entry/service-router.ts";
import { type Resource, resource } from "../resource.ts";
import { clusterName } from "./chain-clusters.ts";
import { headerChanges } from "./header-changes.ts";
import { hashPolicies } from "./load-balancing.ts";
import { type RouteActionInit, routeAction } from "./route-action.ts";
import { routeMatch } from "./route-match.ts";

type RouteInit = Exclude<MessageInitShape<typeof RouteSchema>, Message>;

/** Where an upstream's requests go: asked for by name, so that a change of it touches no listener. */
export function upstreamRoutes(id: string, chain: CompiledChain, validateClusters: boolean): Resource {
  return resource("route", id, RouteConfigurationSchema, {
    name: id,
    ...(validateClusters && { validateClusters: true }),
    virtualHosts: [{ name: id, domains: ["*"], routes: routesOf(chain) }],
  });
}

/** Where the requests for several hosts go, whatever port a client names with them. */
export function hostRoutes(name: string, hosts: readonly EdgeHost[], validateClusters: boolean): Resource {
  return resource("route", name, RouteConfigurationSchema, {
    name,
    ...(validateClusters && { validateClusters: true }),
    ignorePortInHostMatching: true,
    virtualHosts: hosts.map((host) => ({
      name: host.name,
      domains: [...host.domains],
      routes: routesOf(host.chain),
      ...headerChanges(host),
    })),
  });
}

function routesOf(chain: CompiledChain): RouteInit[] {
  const start = nodeOf(chain.StartNode, chain);
  if (start.Type !== "router") return [routeTo({ Match: null, Destination: null }, start, chain)];
  return start.Routes.map(({ Definition, NextNode }) => routeTo(Definition, nodeOf(NextNode, chain), chain));
}

function routeTo({ Match, Destination }: ServiceRoute, next: ChainNode, chain: CompiledChain): RouteInit {
  const match = Match?.HTTP ?? null;
  return {
    match: routeMatch(match),
    ...(Destination && headerChanges(Destination)),
    action: {
      case: "route",
      value: {
        ...routeAction(match, Destination, requestTimeout(next, chain)),
        clusterSpecifier: clusterSpecifier(next, chain),
        ...("LoadBalancer" in next && { hashPolicy: hashPolicies(next.LoadBalancer) }),
      },
    },
  };
}

/** Of shares, the longest: none of them is cut short. */
function requestTimeout(node: ChainNode, chain: CompiledChain): number {
  if (node.Type === "resolver") return node.Resolver.RequestTimeout;
  if (node.Type === "router") return 0;
  const timeouts = node.Splits.map(({ NextNode }) => requestTimeout(nodeOf(NextNode, chain), chain));
  return timeouts.includes(0) ? 0 : Math.max(...timeouts);
}

function clusterSpecifier(
  node: ChainNode,
  chain: CompiledChain,
): NonNullable<RouteActionInit["clusterSpecifier"]> {
  switch (node.Type) {
    case "resolver":
      return { case: "cluster", value: clusterName(node, chain) };
    case "splitter":
      return {
        case: "weightedClusters",
        value: { clusters: node.Splits.map((split) => share(split, chain)) },
      };
    case "router":
      throw new Error(`chain ${chain.ServiceName} leads from a route to a router`);
  }
}

/** Weights are counted in hundredths of a percent, the finest step that they are written in. */
function share(
  { Weight, Definition, NextNode }: ChainSplit,
  chain: CompiledChain,
): MessageInitShape<typeof WeightedCluster_ClusterWeightSchema> {
  return {
    name: clusterName(resolverOf(NextNode, chain), chain),
    weight: Math.round(Weight * 100),
    ...headerChanges(Definition),
  };
}

/** The cluster of a chain that neither routes nor splits. */
export function onlyCluster(chain: CompiledChain): string {
  return clusterName(resolverOf(chain.StartNode, chain), chain);
}

function resolverOf(key: string, chain: CompiledChain): ResolverNode {
  const node = nodeOf(key, chain);
  if (node.Type !== "resolver") throw new Error(`chain ${chain.ServiceName}: ${key} is no resolver`);
  return node;
}

function nodeOf(key: string, chain: CompiledChain): ChainNode {
  const node = chain.Nodes[key];
  if (node === undefined) throw new Error(`chain ${chain.ServiceName} has no node ${key}`);
  return node;
}

/** How a chain that neither routes nor splits chooses among instances. */
export function onlyLoadBalancer(chain: CompiledChain): LoadBalancer | null {
  return resolverOf(chain.StartNode, chain).LoadBalancer;
}
