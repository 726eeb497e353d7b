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
export function principal(
  { source, except }: SourceRule,
  identities: Identities,
  seesRequests: boolean,
): PrincipalInit | null {
  const named = identity(source, identities, seesRequests);
  if (named === null || except.length === 0) return named;
  const others = except
    .map((other) => identity(other, identities, seesRequests))
    .filter((other) => other !== null)
    .map((value) => ({ identifier: { case: "notId" as const, value } }));
  return { identifier: { case: "andIds", value: { ids: [named, ...others] } } };
}

/** The datacenter is not looked at, as in Consul: a name means the same service in all of them. */
function identity(
  { name, peer }: Source,
  { trustDomain, peers }: Identities,
  seesRequests: boolean,
): PrincipalInit | null {
  const service = name === "*" ? "[^/]+" : escapeRegex(name);
  if (peer === "") return authenticated(`^${prefix(trustDomain)}/ns/default/dc/[^/]+/svc/${service}$`);
  const known = peers.get(peer);
  if (known === undefined) return null;
  const partition = known.partition === "default" ? "" : `/ap/${escapeRegex(known.partition)}`;
  const uri = `${prefix(known.trustDomain)}${partition}/ns/default/dc/[^/]+/svc/${service}`;
  return seesRequests ? behindGateway(uri, trustDomain) : authenticated(`^${uri}$`);
}

/**
 * HTTP of a peer comes through the own mesh gateway, which ends the peer's TLS and tells who it was in the
 * first element of `x-forwarded-client-cert`.
 */
function behindGateway(uri: string, trustDomain: string): PrincipalInit {
  const regex = `^[^,]+;URI=${uri}(?:,.*)?$`;
  return {
    identifier: {
      case: "andIds",
      value: {
        ids: [
          authenticated(`^${prefix(trustDomain)}/gateway/mesh/dc/[^/]+$`),
          {
            identifier: {
              case: "header",
              value: {
                name: "x-forwarded-client-cert",
                headerMatchSpecifier: {
                  case: "stringMatch",
                  value: { matchPattern: { case: "safeRegex", value: { regex } } },
                },
              },
            },
          },
        ],
      },
    },
  };
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
