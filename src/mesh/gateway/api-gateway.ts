import type { ServiceInstance } from "#model/catalog.ts";
import type { ApiListener } from "#model/config-entry/api-gateway.ts";
import type { ApiGateway, HttpRoute, TcpRoute } from "#model/config-entry/config-entry.ts";
import { isHttpLike } from "#model/config-entry/protocol.ts";
import { ChainError } from "../chain/chain-error.ts";
import { proxySettings } from "../proxy-settings.ts";
import { boundRoutes, coversHost } from "./api-binding.ts";
import { routesOfHost } from "./api-routes.ts";
import {
  chainsOf,
  type EdgeChain,
  type EdgeContent,
  type EdgeGateway,
  type EdgeHost,
  type EdgeLimits,
  type EdgeListener,
  type EdgeTls,
} from "./edge-gateway.ts";
import { listenAt } from "./listen-at.ts";
import type { GatewaySurroundings } from "./surroundings.ts";

/** From the registration of an `api-gateway`, the entry of its name and the routes to it to what its Envoy must hold. */
export function apiGatewayOf(instance: ServiceInstance, mesh: GatewaySurroundings): EdgeGateway | null {
  if (instance.Proxy === null) return null;
  const entry = mesh.entry("api-gateway", instance.Service);
  const addresses = [...new Set(listenAt(instance).map(({ address }) => address))];
  const byPort = Map.groupBy(entry?.Listeners ?? [], ({ Port }) => Port);
  const listeners = [...byPort].flatMap(([port, sharing]) => {
    const chains = entry === undefined ? [] : chainsAt(port, sharing, entry, mesh);
    return chains.length === 0 ? [] : addresses.map((address) => listenerAt(address, port, sharing, chains));
  });
  const limits = limitsOf(
    entry === undefined ? [] : boundRoutes(entry, mesh).flatMap(({ routes }) => routes),
  );
  return {
    kind: "edge",
    type: "api-gateway",
    id: instance.ID,
    service: instance.Service,
    settings: proxySettings(instance.Proxy, mesh.entries(instance.Service)),
    dnsNames: [...new Set((entry?.Listeners ?? []).flatMap(({ Hostname }) => Hostname || []))],
    listeners,
    upstreams: chainsOf(listeners).map((chain) => ({ chain, limits })),
  };
}

function listenerAt(
  address: string,
  port: number,
  [first]: readonly ApiListener[],
  chains: readonly EdgeChain[],
): EdgeListener {
  const protocol = first?.Protocol ?? "tcp";
  const [chain] = chains;
  const name = chain?.content.kind === "connections" ? chain.content.chain.ServiceName : protocol;
  return {
    ...{ name, address, port, protocol, chains },
    maxRequestHeadersKB: first?.MaxRequestHeadersKB ?? null,
  };
}

/** Listeners that share a port are told apart by their host: by the server name where they speak TLS. */
function chainsAt(
  port: number,
  sharing: readonly ApiListener[],
  entry: ApiGateway,
  mesh: GatewaySurroundings,
): EdgeChain[] {
  const contents = sharing.map((listener) => ({ listener, content: contentOf(port, listener, entry, mesh) }));
  const encrypted = contents.filter(({ listener }) => isEncrypted(listener));
  const plain = contents.filter(({ listener }) => !isEncrypted(listener));
  const chains = encrypted.flatMap(({ listener, content }): EdgeChain[] => {
    const tls = tlsOf(listener, mesh);
    if (content === null || tls.certificates.length === 0) return [];
    const serverNames = listener.Hostname === "" ? [] : [listener.Hostname];
    return [{ serverNames, tls, content }];
  });
  const merged = mergedContent(
    `${port}`,
    plain.flatMap(({ content }) => content ?? []),
  );
  return merged === null ? chains : [...chains, { serverNames: [], tls: null, content: merged }];
}

const isEncrypted = ({ TLS }: ApiListener) => (TLS?.Certificates.length ?? 0) > 0;

function mergedContent(routes: string, contents: readonly EdgeContent[]): EdgeContent | null {
  const [first] = contents;
  if (first === undefined || first.kind === "connections") return first ?? null;
  const hosts = contents.flatMap((content) => (content.kind === "requests" ? content.hosts : []));
  return { kind: "requests", routes, hosts };
}

/** Null where no route is bound: nobody is then waited for at the port. */
function contentOf(
  port: number,
  listener: ApiListener,
  entry: ApiGateway,
  mesh: GatewaySurroundings,
): EdgeContent | null {
  const bound = boundRoutes(entry, mesh).find((each) => each.listener.Name === listener.Name)?.routes ?? [];
  if (!isHttpLike(listener.Protocol)) {
    const service = bound.find(isTcpRoute)?.Services[0]?.Name;
    const chain = service === undefined ? null : mesh.chain(service);
    return chain === null || chain instanceof ChainError ? null : { kind: "connections", chain };
  }
  const routes = bound.filter(isHttpRoute);
  if (routes.length === 0) return null;
  const hosts = [...new Set(routes.flatMap((route) => hostsOf(route, listener)))].flatMap(
    (host): EdgeHost[] => {
      const mine = routes.filter((route) => hostsOf(route, listener).includes(host));
      const chain = routesOfHost(`${entry.Name}-${listener.Name}-${host}`, mine, listener.Protocol, mesh);
      if (chain === null) return [];
      return [{ name: host, domains: [host], chain, RequestHeaders: null, ResponseHeaders: null }];
    },
  );
  return { kind: "requests", routes: isEncrypted(listener) ? `${port}_${listener.Name}` : `${port}`, hosts };
}

/** Those of the route that the listener is for; the listener's own where the route names none. */
function hostsOf({ Hostnames }: HttpRoute, { Hostname }: ApiListener): string[] {
  const fitting = Hostnames.filter((host) => coversHost(Hostname, host));
  return Hostnames.length > 0 ? fitting : [Hostname || "*"];
}

const isTcpRoute = (route: HttpRoute | TcpRoute): route is TcpRoute => route.Kind === "tcp-route";
const isHttpRoute = (route: HttpRoute | TcpRoute): route is HttpRoute => route.Kind === "http-route";

/** Of the certificates that there are. */
function tlsOf({ TLS }: ApiListener, mesh: GatewaySurroundings): EdgeTls {
  return {
    certificates: (TLS?.Certificates ?? []).flatMap(({ Kind: entry, Name: name }) =>
      mesh.entry(entry, name) === undefined ? [] : [{ kind: "entry" as const, entry, name }],
    ),
    minimum: TLS?.MinVersion ?? "",
    maximum: TLS?.MaxVersion ?? "",
    cipherSuites: TLS?.CipherSuites ?? [],
  };
}

/** What is first said of a service holds for all routes to it: it has one cluster. */
function limitsOf(routes: readonly (HttpRoute | TcpRoute)[]): Record<string, EdgeLimits> {
  const services = routes
    .filter(isHttpRoute)
    .flatMap(({ Rules }) => Rules.flatMap(({ Services }) => Services));
  return Object.fromEntries(
    services
      .filter(({ Limits, PassiveHealthCheck }) => Limits !== null || PassiveHealthCheck !== null)
      .toReversed()
      .map(({ Name, Limits, PassiveHealthCheck }) => [
        Name,
        { limits: Limits, passiveHealthCheck: PassiveHealthCheck },
      ]),
  );
}
