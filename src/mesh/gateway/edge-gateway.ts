import type { HeaderModifiers } from "#model/config-entry/header-modifiers.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import type { PassiveHealthCheck, UpstreamLimits } from "#model/config-entry/upstream-config.ts";
import type { CompiledChain } from "../chain/compiled-chain.ts";
import type { ProxySettings } from "../proxy-settings.ts";

/** A gateway that lets clients outside reach services of the mesh: an ingress or an API gateway. */
export interface EdgeGateway {
  readonly kind: "edge";
  readonly type: "ingress-gateway" | "api-gateway";
  readonly id: string;
  readonly service: string;
  readonly settings: ProxySettings;
  /** Names of hosts that its certificate is for. */
  readonly dnsNames: readonly string[];
  readonly listeners: readonly EdgeListener[];
  /** Everything that requests can go to. */
  readonly upstreams: readonly EdgeUpstream[];
}

/** A chain, and how its targets are reached. */
export interface EdgeUpstream {
  readonly chain: CompiledChain;
  /** By service. */
  readonly limits: Readonly<Record<string, EdgeLimits>>;
}

export interface EdgeLimits {
  readonly limits: UpstreamLimits | null;
  readonly passiveHealthCheck: PassiveHealthCheck | null;
}

/** An address and port for clients. */
export interface EdgeListener {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly maxRequestHeadersKB: number | null;
  /** Told apart by the server name that a client asks for; the one without server names is for all others. */
  readonly chains: readonly EdgeChain[];
}

export interface EdgeChain {
  readonly serverNames: readonly string[];
  /** Null where clients speak without encryption. */
  readonly tls: EdgeTls | null;
  readonly content: EdgeContent;
}

export type EdgeContent =
  | { readonly kind: "connections"; readonly chain: CompiledChain }
  /** `routes`: the name of its route configuration. */
  | { readonly kind: "requests"; readonly routes: string; readonly hosts: readonly EdgeHost[] };

/** The requests for some hosts. */
export interface EdgeHost {
  readonly name: string;
  readonly domains: readonly string[];
  readonly chain: CompiledChain;
  readonly RequestHeaders: HeaderModifiers | null;
  readonly ResponseHeaders: HeaderModifiers | null;
}

export interface EdgeTls {
  readonly certificates: readonly EdgeCertificate[];
  readonly minimum: string;
  readonly maximum: string;
  readonly cipherSuites: readonly string[];
}

export type EdgeCertificate =
  /** The gateway's own, by the mesh's authority. */
  | { readonly kind: "leaf" }
  /** Handed out by another server, which is a cluster of the Envoy's first configuration. */
  | { readonly kind: "sds"; readonly cluster: string; readonly name: string }
  /** That of a config entry. */
  | {
      readonly kind: "entry";
      readonly entry: "inline-certificate" | "file-system-certificate";
      readonly name: string;
    };

/** Each chain of the listeners once, as they stand. */
export function chainsOf(listeners: readonly EdgeListener[]): CompiledChain[] {
  return listeners.flatMap(({ chains }) =>
    chains.flatMap(({ content }) =>
      content.kind === "connections" ? [content.chain] : content.hosts.map(({ chain }) => chain),
    ),
  );
}
