import type { ProxyRegistration } from "#model/catalog.ts";
import type { AccessLogs } from "#model/config-entry/access-logs.ts";
import type { ProxyDefaults, ServiceDefaults } from "#model/config-entry/config-entry.ts";
import type { MeshEntry } from "#model/config-entry/mesh.ts";
import { type ProxyConfig, proxyConfig, readProxyConfig } from "#model/config-entry/proxy-config.ts";
import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";
import type { RateLimits } from "#model/config-entry/service-defaults.ts";
import { ownExtensions } from "./callers-extensions.ts";
import { settingsOf, statedBy } from "./settings.ts";

/** The entries that speak of a proxy. */
export interface ProxyEntries {
  readonly service: ServiceDefaults | undefined;
  readonly global: ProxyDefaults | undefined;
  readonly mesh: MeshEntry | undefined;
}

/** How a proxy works, whatever passes through it. */
export interface ProxySettings {
  readonly config: ProxyConfig;
  readonly rateLimits: RateLimits | null;
  readonly accessLogs: AccessLogs | null;
  /** Those for all proxies stand first. */
  readonly extensions: readonly EnvoyExtension[];
  readonly transparent: boolean;
  /** Where a transparent proxy takes redirected connections. */
  readonly outboundPort: number;
  /** Redirected connections go to services of the mesh or nowhere. */
  readonly meshDestinationsOnly: boolean;
  /** Plain connections are let in beside those of the mesh. */
  readonly permissive: boolean;
  readonly tls: MeshEntry["TLS"];
  readonly http: MeshEntry["HTTP"];
}

const OUTBOUND_PORT = 15001;

/** What a registration says goes before its service's defaults, and these before the defaults for all proxies. */
export function proxySettings(
  { Config, Mode, TransparentProxy, EnvoyExtensions, AccessLogs }: ProxyRegistration,
  { service, global, mesh }: ProxyEntries,
): ProxySettings {
  const mutualTls = service?.MutualTLSMode || global?.MutualTLSMode;
  return {
    config: settingsOf(
      proxyConfig,
      readProxyConfig(global?.Config ?? {}),
      statedBy(proxyConfig, service),
      readProxyConfig(Config),
    ),
    rateLimits: service?.RateLimits ?? null,
    accessLogs: [AccessLogs, global?.AccessLogs].find((logs) => logs?.Enabled) ?? null,
    extensions: [...ownExtensions(global), ...ownExtensions(service), ...(EnvoyExtensions ?? [])],
    transparent: (Mode || service?.Mode || global?.Mode) === "transparent",
    outboundPort:
      TransparentProxy?.OutboundListenerPort ||
      service?.TransparentProxy?.OutboundListenerPort ||
      global?.TransparentProxy?.OutboundListenerPort ||
      OUTBOUND_PORT,
    meshDestinationsOnly: mesh?.TransparentProxy?.MeshDestinationsOnly ?? false,
    permissive: mutualTls === "permissive" && (mesh?.AllowEnablingPermissiveMutualTLS ?? false),
    tls: mesh?.TLS ?? null,
    http: mesh?.HTTP ?? null,
  };
}
