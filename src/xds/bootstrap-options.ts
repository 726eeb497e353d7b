import type { ProxyConfig } from "#model/config-entry/proxy-config.ts";
import type { SocketAddress } from "./bootstrap-config.ts";

/**
 * The first configuration of an Envoy: who it is, and where the rest comes from. Shapes follow Envoy's
 * bootstrap.proto (v3) and what Consul's users find in theirs.
 */
export interface BootstrapOptions {
  /** The proxy's service id. */
  readonly proxyId: string;
  /** The service that it stands before. */
  readonly service: string;
  readonly datacenter: string;
  readonly trustDomain: string;
  readonly controlPlane: ControlPlane;
  readonly admin: SocketAddress;
  /** A socket through which the node agent reads the admin pages without entering the namespace. */
  readonly adminSocket?: string;
  readonly ready?: SocketAddress;
  readonly prometheus?: SocketAddress & { readonly path: string };
  /** `key=value` each, beside those of `config`. */
  readonly statsTags: readonly string[];
  /** What entries and the registration say of this proxy. */
  readonly config: ProxyConfig;
}

export type ControlPlane =
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "address";
      readonly address: string;
      readonly port: number;
      readonly token: string;
      readonly tls: ControlPlaneTls | null;
    };

/** How a proxy knows its control plane. */
export interface ControlPlaneTls {
  /** The roots that it trusts, as PEM. */
  readonly roots: string;
  readonly serverName: string;
  /** The SPIFFE id that the control plane must prove. */
  readonly uri: string;
}
