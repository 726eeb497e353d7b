import { accessName } from "./access.ts";
import { tokensName } from "./access-tokens.ts";
import type { FilterInit, HttpFilterInit } from "./filters.ts";
import { fromAds } from "./source.ts";

/** Which connections are let in to a service. */
export function connectionAccess(service: string): FilterInit {
  return delivered(accessName(service, "tcp"), "network.rbac.v3.RBAC");
}

/** Which requests are let in to a service: what their tokens say is read first. */
export function requestAccess(service: string): HttpFilterInit[] {
  return [
    delivered(tokensName(service), "http.jwt_authn.v3.JwtAuthentication"),
    delivered(accessName(service, "http"), "http.rbac.v3.RBAC"),
  ];
}

/** A filter whose configuration comes as a resource of its own. */
function delivered(name: string, type: string): FilterInit & HttpFilterInit {
  const typeUrls = [`type.googleapis.com/envoy.extensions.filters.${type}`];
  return { name, configType: { case: "configDiscovery", value: { configSource: fromAds, typeUrls } } };
}
