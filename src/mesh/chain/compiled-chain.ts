import type { Protocol } from "#model/config-entry/protocol.ts";
import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";
import type { LoadBalancer, Subset } from "#model/config-entry/service-resolver.ts";
import type { ServiceRoute } from "#model/config-entry/service-router.ts";
import type { ServiceSplit } from "#model/config-entry/service-splitter.ts";

/**
 * Where the requests to a service go, worked out from all config entries: a graph from `StartNode` through at
 * most one router and any splitters to resolvers, each of which names a target. The shape is that of Consul's
 * `/v1/discovery-chain`, but durations are nanoseconds.
 */
export interface CompiledChain {
  readonly ServiceName: string;
  readonly Namespace: "default";
  readonly Partition: "default";
  readonly Datacenter: string;
  /** Eight hexadecimal digits where overrides had an effect, else empty: clusters of the chain are named `<hash>~…`. */
  readonly CustomizationHash: string;
  /** The chain is one resolver of the service itself that no entry changes: nothing is routed or redirected. */
  readonly Default: boolean;
  readonly Protocol: Protocol;
  readonly ServiceMeta: Readonly<Record<string, string>>;
  readonly EnvoyExtensions: readonly EnvoyExtension[];
  /** A key of `Nodes`. */
  readonly StartNode: string;
  /** Only such as can be reached from the start. */
  readonly Nodes: Readonly<Record<string, ChainNode>>;
  /** By id. Only such as a resolver names, as its target or among its failovers. */
  readonly Targets: Readonly<Record<string, ChainTarget>>;
}

export type ChainNode = RouterNode | SplitterNode | ResolverNode;

export interface RouterNode {
  readonly Type: "router";
  /** `web.default.default`; its key has `router:` before it. */
  readonly Name: string;
  /** The first that matches decides. The last matches everything. */
  readonly Routes: readonly ChainRoute[];
}

export interface ChainRoute {
  readonly Definition: ServiceRoute;
  /** A splitter or a resolver: a key of `Nodes`. */
  readonly NextNode: string;
}

export interface SplitterNode {
  readonly Type: "splitter";
  /** `web.default.default`; its key has `splitter:` before it. */
  readonly Name: string;
  /** Lead to resolvers alone: splitters behind splitters are worked into their weights. */
  readonly Splits: readonly ChainSplit[];
  /** That of the first resolver behind it that has one: its hash policies hold for the whole route. */
  readonly LoadBalancer: LoadBalancer | null;
}

export interface ChainSplit {
  /** Header changes of all splitters on the way. */
  readonly Definition: ServiceSplit;
  /** In percent, in steps of 0.01. All splits of a node add up to 100. */
  readonly Weight: number;
  /** A resolver: a key of `Nodes`. */
  readonly NextNode: string;
}

export interface ResolverNode {
  readonly Type: "resolver";
  /** The id of its target; its key has `resolver:` before it. */
  readonly Name: string;
  readonly Resolver: ChainResolver;
  readonly LoadBalancer: LoadBalancer | null;
}

export interface ChainResolver {
  /** No entry says anything about it. */
  readonly Default: boolean;
  readonly ConnectTimeout: number;
  /** 0 for no limit of its own. */
  readonly RequestTimeout: number;
  /** A key of `Targets`. */
  readonly Target: string;
  /** Keys of `Targets`, the first to be tried first. */
  readonly Failover: { readonly Targets: readonly string[] } | null;
}

/** A set of instances that requests are sent to. */
export interface ChainTarget {
  /** `[<subset>.]<service>.default.default.<datacenter>`, or `<service>.default.default.external.<peer>`. */
  readonly ID: string;
  readonly Service: string;
  readonly ServiceSubset: string;
  readonly Namespace: "default";
  readonly Partition: "default";
  /** Empty where `Peer` is not. */
  readonly Datacenter: string;
  readonly Peer: string;
  /** How another datacenter is reached; empty for the own one. */
  readonly MeshGateway: { readonly Mode: "" | "none" | "local" | "remote" };
  /** Whether its instances may be called by their own addresses where traffic is redirected. */
  readonly TransparentProxy: { readonly DialedDirectly: boolean };
  /** Which of the service's instances. */
  readonly Subset: Subset;
  readonly ConnectTimeout: number;
  /** The service is outside of the mesh: `SNI` is its own name, not one of the mesh. */
  readonly External: boolean;
  /** The server name of connections to it. */
  readonly SNI: string;
  /** Of its cluster, without the customization hash; that of the mesh for a service outside, too. */
  readonly Name: string;
}

/** What one upstream's own settings change in the chain that it sees. */
export interface ChainOverrides {
  readonly meshGateway: ChainTarget["MeshGateway"]["Mode"];
  readonly protocol: Protocol | "";
  /** Nanoseconds; 0 for none. */
  readonly connectTimeout: number;
}
