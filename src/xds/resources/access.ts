import type { MessageInitShape } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "#envoy/config/core/v3/extension_pb.js";
import { type PrincipalSchema, RBAC_Action, type RBACSchema } from "#envoy/config/rbac/v3/rbac_pb.js";
import { RBACSchema as HttpRbacSchema } from "#envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import { RBACSchema as NetworkRbacSchema } from "#envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import type { AccessRules, SourceSet } from "#mesh/intentions.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import { pack, type Resource, resource } from "../resource.ts";

export const NETWORK_RBAC = "envoy.filters.network.rbac";
export const HTTP_RBAC = "envoy.filters.http.rbac";

/**
 * Who may reach a service travels apart from its listener, as an extension's configuration: a change of
 * intentions then takes effect on the next request, also of a connection that is kept alive, and drains
 * nothing. The same bytes go to every instance of the service.
 */
export function accessResource(
  service: string,
  protocol: Protocol,
  rules: AccessRules,
  trustDomain: string,
): Resource {
  const name = accessName(service, protocol);
  const typedConfig =
    protocol === "tcp"
      ? pack(NetworkRbacSchema, { statPrefix: "connect_authz", rules: rbac(rules, trustDomain) })
      : pack(HttpRbacSchema, { rules: rbac(rules, trustDomain) });
  return resource("extension", name, TypedExtensionConfigSchema, { name, typedConfig });
}

export function accessName(service: string, protocol: Protocol): string {
  return `intentions/${protocol === "tcp" ? "tcp" : "http"}/${service}`;
}

/** Without a policy, DENY refuses nobody and ALLOW refuses everybody. */
function rbac({ action, sources }: AccessRules, trustDomain: string): MessageInitShape<typeof RBACSchema> {
  const principals = sources.map((set) => principal(set, trustDomain));
  return {
    action: action === "allow" ? RBAC_Action.ALLOW : RBAC_Action.DENY,
    policies:
      principals.length === 0
        ? {}
        : {
            "consul-intentions-layer4": { permissions: [{ rule: { case: "any", value: true } }], principals },
          },
  };
}

function principal(
  { source, except }: SourceSet,
  trustDomain: string,
): MessageInitShape<typeof PrincipalSchema> {
  const named = identity(source, trustDomain);
  if (except.length === 0) return named;
  const others = except.map((name) => ({
    identifier: { case: "notId" as const, value: identity(name, trustDomain) },
  }));
  return { identifier: { case: "andIds", value: { ids: [named, ...others] } } };
}

/** The datacenter is not looked at, as in Consul: a name means the same service in all of them. */
function identity(source: string, trustDomain: string) {
  const service = source === "*" ? "[^/]+" : escapeRegex(source);
  const regex = `^spiffe://${escapeRegex(trustDomain)}/ns/default/dc/[^/]+/svc/${service}$`;
  return {
    identifier: {
      case: "authenticated" as const,
      value: { principalName: { matchPattern: { case: "safeRegex" as const, value: { regex } } } },
    },
  };
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
