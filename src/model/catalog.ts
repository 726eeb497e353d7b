import type { AccessLogs } from "./config-entry/access-logs.ts";
import type { EnvoyExtension } from "./config-entry/proxy-settings.ts";
import type { CheckRegistration } from "./registration/check.ts";

/**
 * What the mesh knows of services: instances, the proxies beside them, and their checks. Field names are
 * those of Consul's catalog API.
 */

export type CheckStatus = "passing" | "warning" | "critical" | "maintenance";

export type ServiceKind =
  | ""
  | "connect-proxy"
  | "mesh-gateway"
  | "ingress-gateway"
  | "terminating-gateway"
  | "api-gateway";

export interface UpstreamRegistration {
  readonly DestinationType: "service" | "prepared_query";
  readonly DestinationName: string;
  readonly DestinationPeer: string;
  readonly Datacenter: string;
  readonly LocalBindAddress: string;
  /** 0 when the upstream listens on a socket path. */
  readonly LocalBindPort: number;
  readonly LocalBindSocketPath: string;
  readonly LocalBindSocketMode: string;
  readonly Config: Readonly<Record<string, unknown>>;
  /** Where it is set: how a service elsewhere is reached. */
  readonly MeshGateway?: { readonly Mode: string };
}

/** A path of the task that is served to everyone, past the mesh's encryption and rules. */
export interface ExposedPath {
  readonly Path: string;
  readonly Protocol: "http" | "http2";
  readonly LocalPathPort: number;
  readonly ListenerPort: number;
}

/** How a proxy takes in what is redirected to it; where a field says nothing, config entries do. */
export interface TransparentProxyRegistration {
  readonly OutboundListenerPort: number;
  readonly DialedDirectly: boolean;
}

export interface ProxyRegistration {
  readonly DestinationServiceName: string;
  readonly DestinationServiceID: string;
  readonly LocalServiceAddress: string;
  readonly LocalServicePort: number;
  /** A Unix socket at which the instance listens, in place of address and port. */
  readonly LocalServiceSocketPath?: string;
  readonly Mode: "" | "direct" | "transparent";
  readonly TransparentProxy?: TransparentProxyRegistration;
  readonly Config: Readonly<Record<string, unknown>>;
  readonly Upstreams: readonly UpstreamRegistration[];
  readonly AccessLogs?: AccessLogs;
  readonly EnvoyExtensions?: readonly EnvoyExtension[];
  readonly Expose: { readonly Checks?: boolean; readonly Paths: readonly ExposedPath[] };
  /** Of upstreams that do not say it themselves. */
  readonly MeshGateway?: { readonly Mode: string };
}

/** The name of the tagged address at which a proxy is reached from its own node, past the node's map of ports. */
export const BESIDE = "bridge";

/** One instance of a service, or one proxy, on one node. */
export interface ServiceInstance {
  /** Name of the node. */
  readonly Node: string;
  readonly ID: string;
  readonly Service: string;
  readonly Kind: ServiceKind;
  /** Who asked for it: the mesh's catalog, or plain discovery (`provider = "nomad"`). */
  readonly Provider: "consul" | "nomad";
  readonly Tags: readonly string[];
  readonly Meta: Readonly<Record<string, string>>;
  readonly Address: string;
  readonly Port: number;
  readonly Weights: { readonly Passing: number; readonly Warning: number };
  readonly EnableTagOverride: boolean;
  readonly TaggedAddresses?: Readonly<Record<string, { readonly Address: string; readonly Port: number }>>;
  /** Of proxies and gateways alone. */
  readonly Proxy: ProxyRegistration | null;
  /** Of a service that speaks the mesh's TLS itself. */
  readonly ConnectNative: boolean;
  /** The job that asked for it; empty strings for a registration by hand. */
  readonly Namespace: string;
  readonly JobID: string;
  readonly AllocID: string;
}

/** A node that a registration named and no agent of ours runs on. */
export interface CatalogNode {
  readonly Node: string;
  readonly ID: string;
  readonly Address: string;
  readonly TaggedAddresses: Readonly<Record<string, string>>;
  readonly Meta: Readonly<Record<string, string>>;
}

export interface HealthCheck {
  readonly Node: string;
  readonly CheckID: string;
  readonly Name: string;
  readonly Status: CheckStatus;
  readonly Notes: string;
  readonly Output: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly Type: string;
  /** How its node finds its status; of checks that were registered by hand. */
  readonly Definition?: CheckRegistration;
}

/** The service whose traffic a proxy carries; a gateway stands for itself. */
export function proxiedService(instance: Pick<ServiceInstance, "Kind" | "Service" | "Proxy">): string {
  const { Kind, Service, Proxy: proxy } = instance;
  return Kind === "connect-proxy" ? (proxy?.DestinationServiceName ?? "") : Service;
}

/** The worst of its checks decides an instance's health; without checks it is passing. */
export function worstStatus(checks: readonly Pick<HealthCheck, "Status">[]): CheckStatus {
  const order: readonly CheckStatus[] = ["maintenance", "critical", "warning"];
  return order.find((status) => checks.some((check) => check.Status === status)) ?? "passing";
}
