import type { ServiceKind } from "../catalog.ts";
import type { Gateway } from "./gateway.ts";

/** What the Envoy of a task is for: one service's own, or a gateway. */
export const proxyRoles = ["proxy", "ingress", "terminating", "mesh", "api"] as const;

export type ProxyRole = (typeof proxyRoles)[number];
export type GatewayRole = Exclude<ProxyRole, "proxy">;

/** A task that runs an Envoy, as its kind tells: `connect-proxy:web`, `connect-ingress:edge`. */
export interface ProxyKind {
  readonly role: ProxyRole;
  readonly service: string;
}

export function proxyKind({ role, service }: ProxyKind): string {
  return `connect-${role}:${service}`;
}

/** Null for the kinds of other tasks. */
export function readProxyKind(kind: string): ProxyKind | null {
  const [, name = "", service = ""] = /^connect-([a-z]+):(.*)$/.exec(kind) ?? [];
  const role = proxyRoles.find((known) => known === name);
  return role === undefined ? null : { role, service };
}

/** The first that is set; validation has it that no other is. */
export function roleOfGateway({ Ingress, Terminating, Api }: Gateway): GatewayRole {
  if (Ingress !== null) return "ingress";
  if (Terminating !== null) return "terminating";
  return Api !== null ? "api" : "mesh";
}

/** How the catalog calls what such a task runs. */
export function serviceKindOf(role: ProxyRole): Exclude<ServiceKind, ""> {
  return role === "proxy" ? "connect-proxy" : `${role}-gateway`;
}

/** Of the port at which a mesh gateway is reached from its own mesh. */
export function lanPortLabel(service: string): string {
  return `connect-mesh-${service}-lan`;
}
