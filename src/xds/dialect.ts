import type { DeltaDiscoveryRequest, DiscoveryRequest } from "#envoy/service/discovery/v3/discovery_pb.js";
import { DeltaSession } from "./delta-session.ts";
import {
  decodeDeltaRequest,
  decodeSotwRequest,
  encodeDeltaResponse,
  encodeSotwResponse,
} from "./messages.ts";
import type { ResourceKind } from "./resource.ts";
import { kindOf, type Snapshot, type Verdict } from "./snapshot.ts";
import { SotwSession } from "./sotw-session.ts";

export type Outcome =
  /** `nodeId`: the name that the proxy gives itself, which only its first request need carry. */
  | { readonly kind: "taken"; readonly nodeId: string; readonly verdict: Verdict | null }
  | { readonly kind: "refused"; readonly reason: string };

/** One of the two variants of the protocol, between bytes and a session. */
export interface Dialect {
  readonly isSynced: boolean;
  offer(snapshot: Snapshot): void;
  receive(bytes: Buffer): Outcome;
  next(): { readonly kind: ResourceKind; readonly bytes: Buffer } | null;
}

export function deltaDialect(): Dialect {
  const session = new DeltaSession();
  return {
    get isSynced() {
      return session.isSynced;
    },
    offer: (snapshot) => session.offer(snapshot),
    next: () => {
      const response = session.next();
      return response && { kind: response.kind, bytes: encodeDeltaResponse(response) };
    },
    receive: (bytes) =>
      received(bytes, decodeDeltaRequest, (kind, request) =>
        session.receive({
          kind,
          subscribe: request.resourceNamesSubscribe,
          unsubscribe: request.resourceNamesUnsubscribe,
          initialVersions: request.initialResourceVersions,
          nonce: request.responseNonce,
          error: request.errorDetail?.message ?? null,
        }),
      ),
  };
}

export function sotwDialect(): Dialect {
  const session = new SotwSession();
  return {
    get isSynced() {
      return session.isSynced;
    },
    offer: (snapshot) => session.offer(snapshot),
    next: () => {
      const response = session.next();
      return response && { kind: response.kind, bytes: encodeSotwResponse(response) };
    },
    receive: (bytes) =>
      received(bytes, decodeSotwRequest, (kind, request) =>
        session.receive({
          kind,
          names: request.resourceNames,
          nonce: request.responseNonce,
          error: request.errorDetail?.message ?? null,
        }),
      ),
  };
}

function received<Request extends DeltaDiscoveryRequest | DiscoveryRequest>(
  bytes: Buffer,
  decode: (bytes: Buffer) => Request,
  take: (kind: ResourceKind, request: Request) => Verdict | null,
): Outcome {
  let request: Request;
  try {
    request = decode(bytes);
  } catch {
    return { kind: "refused", reason: "the request is no discovery request of the v3 API" };
  }
  const kind = kindOf(request.typeUrl);
  if (kind === null) {
    return { kind: "refused", reason: `no resources of type ${request.typeUrl} are served here` };
  }
  return { kind: "taken", nodeId: request.node?.id ?? "", verdict: take(kind, request) };
}
