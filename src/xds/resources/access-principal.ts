import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PrincipalSchema } from "#envoy/config/rbac/v3/rbac_pb.js";
import type { SourceRule } from "#mesh/access-rules.ts";
import type { Source } from "#mesh/intentions.ts";

/** What the names of services stand for in certificates. */
export interface Identities {
  readonly trustDomain: string;
  /** Of each peer that is known; nobody can call from another. */
  readonly peers: ReadonlyMap<string, PeerIdentity>;
}

export interface PeerIdentity {
  readonly trustDomain: string;
  /** The partition that it exports from; "default" in Consul's community edition. */
  readonly partition: string;
}

type PrincipalInit = MessageInitShape<typeof PrincipalSchema>;

/** Whom a rule speaks of; null where its peer is not known. */
export function principal({ source, except }: SourceRule, identities: Identities): PrincipalInit | null {
  const named = identity(source, identities);
  if (named === null || except.length === 0) return named;
  const others = except
    .map((other) => identity(other, identities))
    .filter((other) => other !== null)
    .map((value) => ({ identifier: { case: "notId" as const, value } }));
  return { identifier: { case: "andIds", value: { ids: [named, ...others] } } };
}

/**
 * The datacenter is not looked at, as in Consul: a name means the same service in all of them. A peer's callers show
 * who they are themselves: gateways on the way end no encryption.
 */
function identity({ name, peer }: Source, { trustDomain, peers }: Identities): PrincipalInit | null {
  const service = name === "*" ? "[^/]+" : escapeRegex(name);
  if (peer === "") return authenticated(`^${prefix(trustDomain)}/ns/default/dc/[^/]+/svc/${service}$`);
  const known = peers.get(peer);
  if (known === undefined) return null;
  const partition = known.partition === "default" ? "" : `/ap/${escapeRegex(known.partition)}`;
  return authenticated(`^${prefix(known.trustDomain)}${partition}/ns/default/dc/[^/]+/svc/${service}$`);
}

function authenticated(regex: string): PrincipalInit {
  return {
    identifier: {
      case: "authenticated",
      value: { principalName: { matchPattern: { case: "safeRegex", value: { regex } } } },
    },
  };
}

const prefix = (trustDomain: string) => `spiffe://${escapeRegex(trustDomain)}`;

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
