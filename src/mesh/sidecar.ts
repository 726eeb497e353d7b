import type {
  ExposedPath,
  ProxyRegistration,
  ServiceInstance,
  UpstreamRegistration,
} from "#model/catalog.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import type { RequestNormalization } from "#model/config-entry/mesh.ts";
import type { Target } from "./target.ts";

/** Where a proxy listens for its own task: an address and port, or a socket in the file system. */
export type Bind =
  | { readonly kind: "port"; readonly address: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string; readonly mode: string };

/** A service that the task reaches by calling its own proxy. */
export interface Upstream {
  /** How Consul names it in listeners, routes and statistics: `db`, `db?dc=dc2`. */
  readonly id: string;
  readonly bind: Bind;
  readonly protocol: Protocol;
  readonly target: Target;
}

/** What the proxy beside one instance of a service must hold. */
export interface Sidecar {
  readonly id: string;
  readonly service: string;
  readonly inbound: {
    readonly address: string;
    readonly port: number;
    readonly protocol: Protocol;
    readonly localAddress: string;
    readonly localPort: number;
    readonly normalization: RequestNormalization | null;
  };
  readonly upstreams: readonly Upstream[];
  readonly exposed: readonly ExposedListener[];
}

/** Where everyone reaches some paths of the task, without the mesh. */
export interface ExposedListener {
  readonly address: string;
  readonly port: number;
  readonly paths: readonly ExposedPath[];
}

/** What a sidecar's configuration takes from the rest of the mesh. */
export interface SidecarSurroundings {
  protocol(service: string): Protocol;
  target(service: string): Target;
  requestNormalization(): RequestNormalization | null;
}

/** From the registration of a `connect-proxy` to what its Envoy must hold. */
export function sidecarOf(
  instance: ServiceInstance,
  proxy: ProxyRegistration,
  mesh: SidecarSurroundings,
): Sidecar {
  return {
    id: instance.ID,
    service: proxy.DestinationServiceName,
    inbound: {
      address: textOr(proxy.Config["bind_address"], "0.0.0.0"),
      port: numberOr(proxy.Config["bind_port"], instance.Port),
      protocol: mesh.protocol(proxy.DestinationServiceName),
      localAddress: proxy.LocalServiceAddress,
      localPort: proxy.LocalServicePort,
      normalization: mesh.requestNormalization(),
    },
    upstreams: proxy.Upstreams.map((upstream) => ({
      id: upstream.DestinationName,
      bind: bindOf(upstream),
      protocol: mesh.protocol(upstream.DestinationName),
      target: mesh.target(upstream.DestinationName),
    })),
    exposed: exposedListeners(proxy),
  };
}

/** Paths that are served at the same port share a listener. */
function exposedListeners({ Config, Expose }: ProxyRegistration): ExposedListener[] {
  const byPort = Map.groupBy(Expose.Paths, ({ ListenerPort }) => ListenerPort);
  const address = textOr(Config["bind_address"], "0.0.0.0");
  return [...byPort].map(([port, paths]) => ({ address, port, paths }));
}

/** `<upstream>:<address>:<port>`, or `<upstream>:<socket path>`; Consul's form. */
export function listenerName({ id, bind }: Upstream): string {
  return bind.kind === "port" ? `${id}:${bind.address}:${bind.port}` : `${id}:${bind.path}`;
}

function bindOf(upstream: UpstreamRegistration): Bind {
  return upstream.LocalBindSocketPath === ""
    ? { kind: "port", address: upstream.LocalBindAddress || "127.0.0.1", port: upstream.LocalBindPort }
    : { kind: "socket", path: upstream.LocalBindSocketPath, mode: upstream.LocalBindSocketMode };
}

const textOr = (value: unknown, otherwise: string) => (typeof value === "string" ? value : otherwise);
const numberOr = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);
