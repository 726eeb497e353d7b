import type { ApiListener } from "#model/config-entry/api-gateway.ts";
import type { ApiGateway, HttpRoute, TcpRoute } from "#model/config-entry/config-entry.ts";
import { isHttpLike } from "#model/config-entry/protocol.ts";
import type { RouteParent } from "#model/config-entry/route-parent.ts";

export type ApiRoute = HttpRoute | TcpRoute;

/** What the binding of routes is read from. */
export interface RouteSource {
  routes(): readonly ApiRoute[];
}

/** A listener and the routes that hold at it. */
export interface BoundListener {
  readonly listener: ApiListener;
  readonly routes: readonly ApiRoute[];
  /** Several routes want the connections of a TCP listener: none of them gets them. */
  readonly isConflicted: boolean;
}

/** Which routes hold at which listeners of a gateway. */
export function boundRoutes(gateway: ApiGateway, { routes }: RouteSource): BoundListener[] {
  const all = routes();
  return gateway.Listeners.map((listener) => {
    const wanted = all.filter((route) =>
      route.Parents.some((parent) => refusal(route, parent, gateway, listener) === null),
    );
    const isConflicted = !isHttpLike(listener.Protocol) && wanted.length > 1;
    return { listener, routes: isConflicted ? [] : wanted, isConflicted };
  });
}

/** Why a route does not hold at a listener; "" where it does not ask for it, null where it holds. */
export function refusal(
  route: ApiRoute,
  { Name, SectionName }: RouteParent,
  gateway: Pick<ApiGateway, "Name">,
  listener: ApiListener,
): string | null {
  if (Name !== gateway.Name || (SectionName !== "" && SectionName !== listener.Name)) return "";
  if ((route.Kind === "http-route") !== isHttpLike(listener.Protocol)) {
    return `the listener "${listener.Name}" speaks ${listener.Protocol}, which a ${route.Kind} does not`;
  }
  if (route.Kind === "tcp-route" || route.Hostnames.length === 0) return null;
  const fits = route.Hostnames.some((host) => coversHost(listener.Hostname, host));
  return fits ? null : `none of its hosts is one of the listener "${listener.Name}" (${listener.Hostname})`;
}

/** Whether a listener for `pattern` is one for `host`. */
export function coversHost(pattern: string, host: string): boolean {
  if (pattern === "" || pattern === "*" || pattern === host) return true;
  return pattern.startsWith("*.") && host.endsWith(pattern.slice(1));
}
