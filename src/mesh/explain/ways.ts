import type { RouteDestination } from "#model/config-entry/service-router.ts";
import { formatDuration } from "#model/schema/duration.ts";
import { serviceUri } from "../ca/spiffe.ts";
import type { ChainNode, ChainTarget, CompiledChain, ResolverNode } from "../chain/compiled-chain.ts";
import { seenFrom } from "../endpoint.ts";
import type { Mesh } from "../mesh.ts";
import type { Upstream } from "../sidecar.ts";
import { beyondOf, decisionBeyond } from "./beyond.ts";
import { decisionAt } from "./decision.ts";
import type { AskedRequest, FailoverStep, Setting, Way } from "./explanation.ts";

/** What was found before the ways part. */
interface Context {
  readonly mesh: Mesh;
  readonly chain: CompiledChain;
  readonly upstream: Upstream | null;
  /** That the proxy of the source is on. */
  readonly node: string;
  /** What the route that was taken says; null where there is none. */
  readonly destination: RouteDestination | null;
  readonly routeName: string;
}

/** Where the requests go from a node on: one way for each share of them. */
export function waysFrom(context: Context, key: string, asked: AskedRequest): Way[] {
  const node = context.chain.Nodes[key];
  if (node === undefined || node.Type === "router") return [];
  if (node.Type === "resolver") return [wayTo(context, node, asked, 100, "all requests")];
  const service = node.Name.split(".default.default")[0] ?? "";
  const because = `service-splitter/${service}`;
  return node.Splits.flatMap(({ Weight, NextNode }) => {
    const next: ChainNode | undefined = context.chain.Nodes[NextNode];
    return next?.Type === "resolver" ? [wayTo(context, next, asked, Weight, because)] : [];
  });
}

function wayTo(
  context: Context,
  node: ResolverNode,
  asked: AskedRequest,
  share: number,
  because: string,
): Way {
  const { mesh, chain } = context;
  const target = targetOf(chain, node.Resolver.Target);
  const reached = reachedFrom(mesh, chain, node, target);
  return {
    share,
    because,
    target: target.ID,
    service: target.Service,
    subset: subsetOf(target),
    cluster: clusterOf(mesh, chain, target),
    connectTimeout: connectTimeoutOf(context, target),
    requestTimeout: chain.Protocol === "tcp" ? null : requestTimeoutOf(context, node, target),
    loadBalancer: {
      value: node.LoadBalancer?.Policy || "round_robin",
      from: node.LoadBalancer?.Policy ? resolverOf(target) : "the default",
    },
    endpoints: seenFrom(context.node, mesh.instances.endpointsOf(target)),
    failover: failoverOf(mesh, chain, node, target),
    reached: reached.Service,
    decision:
      reached.Peer === ""
        ? decisionAt(mesh, reached.Service, asked)
        : decisionBeyond(reached.Peer, asked.source),
    local: reached.Peer === "" ? localOf(mesh, reached) : [],
    beyond: beyondOf(mesh, reached),
  };
}

const resolverOf = ({ Service }: ChainTarget) => `service-resolver/${Service}`;

function targetOf({ Targets, ServiceName }: CompiledChain, id: string): ChainTarget {
  const target = Targets[id];
  if (target === undefined) throw new Error(`chain ${ServiceName} has no target ${id}`);
  return target;
}

function subsetOf(target: ChainTarget): Setting | null {
  if (target.ServiceSubset === "") return null;
  const { Filter, OnlyPassing } = target.Subset;
  const which = [Filter, ...(OnlyPassing ? ["only without a warning"] : [])].filter((text) => text !== "");
  return {
    value: `${target.ServiceSubset} (${which.join(", ") || "all instances"})`,
    from: `${resolverOf(target)} Subsets.${target.ServiceSubset}`,
  };
}

function clusterOf(mesh: Mesh, { CustomizationHash }: CompiledChain, target: ChainTarget): Way["cluster"] {
  const imported = target.Peer === "" ? null : mesh.outgoing().imported(target.Peer, target.Service);
  const identity = {
    trustDomain: mesh.trustDomain(),
    datacenter: target.Datacenter || mesh.datacenter,
    service: target.Service,
  };
  return {
    name: CustomizationHash === "" ? target.Name : `${CustomizationHash}~${target.Name}`,
    serverName: target.SNI,
    expects: target.Peer === "" ? serviceUri(identity) : (imported?.uris.join(" or ") ?? "nobody"),
  };
}

function connectTimeoutOf({ mesh, upstream }: Context, target: ChainTarget): Setting {
  const value = formatDuration(target.ConnectTimeout);
  if (upstream !== null && upstream.settings.ConnectTimeoutMs > 0)
    return { value, from: `the settings of the upstream "${upstream.id}"` };
  const own = mesh.entry("service-resolver", target.Service)?.ConnectTimeout ?? 0;
  return { value, from: own > 0 && target.Peer === "" ? resolverOf(target) : "the default" };
}

function requestTimeoutOf(context: Context, { Resolver }: ResolverNode, target: ChainTarget): Setting {
  const { RequestTimeout: ofRoute = 0 } = context.destination ?? {};
  if (ofRoute > 0) return { value: formatDuration(ofRoute), from: context.routeName };
  return Resolver.RequestTimeout > 0
    ? { value: formatDuration(Resolver.RequestTimeout), from: resolverOf(target) }
    : { value: "no limit", from: "the default" };
}

function failoverOf(
  mesh: Mesh,
  chain: CompiledChain,
  node: ResolverNode,
  target: ChainTarget,
): FailoverStep[] {
  return (node.Resolver.Failover?.Targets ?? []).map((id) => {
    const endpoints = mesh.instances.endpointsOf(targetOf(chain, id));
    return {
      target: id,
      from: resolverOf(target),
      healthy: endpoints.filter(({ healthy }) => healthy).length,
      all: endpoints.length,
    };
  });
}

/** The first of the target and its failovers that has a healthy instance; the target itself where none has. */
function reachedFrom(
  mesh: Mesh,
  chain: CompiledChain,
  { Resolver }: ResolverNode,
  target: ChainTarget,
): ChainTarget {
  const inTurn = [target, ...(Resolver.Failover?.Targets ?? []).map((id) => targetOf(chain, id))];
  return inTurn.find((one) => mesh.instances.endpointsOf(one).some(({ healthy }) => healthy)) ?? target;
}

function localOf(mesh: Mesh, target: ChainTarget): Way["local"] {
  return mesh.instances.endpointsOf(target).flatMap(({ id }) => {
    if (mesh.gateways.of(id)?.kind === "terminating") {
      const outside = mesh.instances.outsideEndpoints({
        service: target.Service,
        subset: target.Subset,
        host: "",
      });
      return outside.map(({ address, port }) => ({ proxyId: id, address, port }));
    }
    const inbound = mesh.sidecar(id)?.inbound;
    return inbound === undefined
      ? []
      : [{ proxyId: id, address: inbound.localAddress, port: inbound.localPort }];
  });
}
