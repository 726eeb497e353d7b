import type { MessageInitShape } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "#envoy/config/core/v3/extension_pb.js";
import { type PolicySchema, RBAC_Action, type RBACSchema } from "#envoy/config/rbac/v3/rbac_pb.js";
import { RBACSchema as HttpRbacSchema } from "#envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import { RBACSchema as NetworkRbacSchema } from "#envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import type { AccessRules, SourceRule } from "#mesh/access-rules.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { permission } from "./access-permission.ts";
import { type Identities, principal } from "./access-principal.ts";

/**
 * Who may reach a service travels apart from its listener, as an extension's configuration: a change of
 * intentions then takes effect on the next request, also of a connection that is kept alive, and drains
 * nothing. The same bytes go to every instance of the service.
 */
export function accessResource(
  service: string,
  protocol: Protocol,
  rules: AccessRules,
  identities: Identities,
): Resource {
  const name = accessName(service, protocol);
  const typedConfig =
    protocol === "tcp"
      ? pack(NetworkRbacSchema, { statPrefix: "connect_authz", rules: rbac(rules, identities) })
      : pack(HttpRbacSchema, { rules: rbac(rules, identities) });
  return resource("extension", name, TypedExtensionConfigSchema, { name, typedConfig });
}

export function accessName(service: string, protocol: Protocol): string {
  return `intentions/${protocol === "tcp" ? "tcp" : "http"}/${service}`;
}

type PolicyInit = MessageInitShape<typeof PolicySchema>;

/** Without a policy, DENY refuses nobody and ALLOW refuses everybody. */
function rbac({ action, sources }: AccessRules, identities: Identities): MessageInitShape<typeof RBACSchema> {
  const named = sources.flatMap((rule) => {
    const who = principal(rule, identities);
    return who === null ? [] : [{ rule, who }];
  });
  const whole = named.filter(({ rule }) => isWhole(rule)).map(({ who }) => who);
  const single = named.filter(({ rule }) => !isWhole(rule));
  const policies: Record<string, PolicyInit> = Object.fromEntries(
    single.map(({ rule, who }, index) => [
      `consul-intentions-layer7-${index}`,
      { permissions: rule.conditions.map(permission), principals: [who] },
    ]),
  );
  if (whole.length > 0) {
    policies["consul-intentions-layer4"] = {
      permissions: [permission({ kind: "always" })],
      principals: whole,
    };
  }
  return { action: action === "allow" ? RBAC_Action.ALLOW : RBAC_Action.DENY, policies };
}

const isWhole = ({ conditions }: SourceRule) => conditions.some(({ kind }) => kind === "always");
