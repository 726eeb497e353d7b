import { serviceUri } from "#mesh/ca/spiffe.ts";
import type { ChainTarget, CompiledChain, ResolverNode } from "#mesh/chain/compiled-chain.ts";
import type { Outgoing } from "#mesh/mesh.ts";
import type { OutsideHost } from "#mesh/outside-hosts.ts";
import type { Reachable } from "#mesh/sidecar.ts";
import type { PassiveHealthCheck, UpstreamLimits } from "#model/config-entry/upstream-config.ts";
import { peerRootsName, ROOTS } from "./secrets.ts";
import type { ClusterPlan, FailoverPlan } from "./target-cluster.ts";

/** A cluster that has its endpoints from a target. */
export interface TargetPlan {
  readonly cluster: ClusterPlan;
  readonly target: ChainTarget;
}

export interface ChainClusters {
  readonly targets: readonly TargetPlan[];
  readonly failovers: readonly FailoverPlan[];
}

/** What is particular to how a proxy reaches a target. */
export interface Reach {
  /** Milliseconds that endpoints are waited for; null for the usual. */
  readonly fetchTimeout: number | null;
  readonly limits: UpstreamLimits | null;
  readonly passiveHealthCheck: PassiveHealthCheck | null;
  /** A cluster of the user's own, as JSON, or empty; in place of that of a chain that no entry changes. */
  readonly custom: string;
}

/** As the settings of an upstream say. */
export function upstreamReach({ settings }: Reachable, fetchTimeout: number | null): Reach {
  const { Limits, PassiveHealthCheck, EnvoyClusterJSON } = settings;
  return { fetchTimeout, limits: Limits, passiveHealthCheck: PassiveHealthCheck, custom: EnvoyClusterJSON };
}

/** What requests can be sent to: a cluster for each target that their chain resolves to. */
export function chainClusters(
  chain: CompiledChain,
  reachOf: (target: ChainTarget) => Reach,
  mesh: Outgoing,
): ChainClusters {
  const resolvers = Object.values(chain.Nodes).filter((node) => node.Type === "resolver");
  return {
    targets: resolvers.flatMap((node) =>
      targetsOf(node, chain).map(([name, target]) => ({
        cluster: clusterPlan(name, target, node, chain, reachOf(target), mesh),
        target,
      })),
    ),
    failovers: resolvers.flatMap((node) => failoverPlan(node, chain)),
  };
}

/** Hosts outside, to which the service's gateways lead by server names of their own. */
export function hostClusters({ targets }: ChainClusters, hosts: readonly OutsideHost[]): ChainClusters {
  const [base] = targets;
  if (base === undefined) return { targets: [], failovers: [] };
  return {
    targets: hosts.map(({ name }) => ({
      cluster: { ...base.cluster, name, statisticsName: name, serverName: name, custom: "" },
      target: base.target,
    })),
    failovers: [],
  };
}

/** The cluster that a resolver's requests are sent to. */
export function clusterName({ Resolver }: ResolverNode, chain: CompiledChain): string {
  return nameOf(targetOf(Resolver.Target, chain), chain);
}

/** `[<hash>~][<subset>.]<service>.default.<datacenter>.internal.<trust domain>`. */
function nameOf({ Name }: ChainTarget, { CustomizationHash }: CompiledChain): string {
  return CustomizationHash === "" ? Name : `${CustomizationHash}~${Name}`;
}

/** Without a failover the target stands for itself; with one, all are members of the cluster of its name. */
function targetsOf(node: ResolverNode, chain: CompiledChain): [string, ChainTarget][] {
  const { Target, Failover } = node.Resolver;
  const name = clusterName(node, chain);
  if (Failover === null) return [[name, targetOf(Target, chain)]];
  return [Target, ...Failover.Targets].map((id, i) => [memberName(name, i), targetOf(id, chain)]);
}

function memberName(name: string, position: number): string {
  return `failover-target~${position}~${name}`;
}

function failoverPlan(node: ResolverNode, chain: CompiledChain): FailoverPlan[] {
  const { Target, Failover, ConnectTimeout } = node.Resolver;
  if (Failover === null) return [];
  const name = clusterName(node, chain);
  const members = [Target, ...Failover.Targets].map((_, i) => memberName(name, i));
  return [
    {
      name,
      statisticsName: nameOf(targetOf(Target, chain), chain),
      clusters: members,
      connectTimeout: ConnectTimeout,
    },
  ];
}

function clusterPlan(
  name: string,
  target: ChainTarget,
  node: ResolverNode,
  chain: CompiledChain,
  reach: Reach,
  mesh: Outgoing,
): ClusterPlan {
  return {
    name,
    statisticsName: nameOf(targetOf(node.Resolver.Target, chain), chain),
    serverName: target.SNI,
    ...provenBy(target, mesh),
    http: chain.Protocol !== "tcp",
    connectTimeout: target.ConnectTimeout || node.Resolver.ConnectTimeout,
    loadBalancer: node.LoadBalancer,
    fetchTimeout: reach.fetchTimeout,
    limits: reach.limits,
    passiveHealthCheck: reach.passiveHealthCheck,
    tls: mesh.tls,
    custom: chain.Default ? reach.custom : "",
  };
}

/** Who instances of a target prove to be, and by which roots. Before a peer has told of a service, nobody can. */
function provenBy(
  { Service, Datacenter, Peer }: ChainTarget,
  { trustDomain, datacenter, imported }: Outgoing,
): Pick<ClusterPlan, "uris" | "roots"> {
  if (Peer === "") {
    const identity = { trustDomain, datacenter: Datacenter || datacenter, service: Service };
    return { uris: [serviceUri(identity)], roots: ROOTS };
  }
  const known = imported(Peer, Service);
  return known === null
    ? { uris: [`spiffe://${trustDomain}/not-known/${Peer}/${Service}`], roots: ROOTS }
    : { uris: known.uris, roots: peerRootsName(Peer) };
}

function targetOf(id: string, chain: CompiledChain): ChainTarget {
  const target = chain.Targets[id];
  if (target === undefined) throw new Error(`chain ${chain.ServiceName} has no target ${id}`);
  return target;
}
