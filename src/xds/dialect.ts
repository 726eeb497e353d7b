import type { Node } from "#envoy/config/core/v3/base_pb.js";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "#envoy/service/discovery/v3/discovery_pb.js";
import { ENVOY_VERSION } from "#model/envoy-binary.ts";
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
  | {
      readonly kind: "taken";
      readonly nodeId: string;
      readonly envoyVersion: string;
      readonly verdict: Verdict | null;
    }
  | { readonly kind: "refused"; readonly reason: string };

/** One of the two variants of the protocol, between bytes and a session. */
export interface Dialect {
  readonly isSynced: boolean;
  offer(snapshot: Snapshot): void;
  receive(bytes: Buffer): Outcome;
  next(): { readonly kind: ResourceKind; readonly bytes: Buffer } | null;
}

export function deltaDialect(): Dialect {
  return dialect({
    session: new DeltaSession(),
    decode: decodeDeltaRequest,
    encode: encodeDeltaResponse,
    said: (request: DeltaDiscoveryRequest) => ({
      subscribe: request.resourceNamesSubscribe,
      unsubscribe: request.resourceNamesUnsubscribe,
      initialVersions: request.initialResourceVersions,
    }),
  });
}

export function sotwDialect(): Dialect {
  return dialect({
    session: new SotwSession(),
    decode: decodeSotwRequest,
    encode: encodeSotwResponse,
    said: (request: DiscoveryRequest) => ({ names: request.resourceNames }),
  });
}

/** What every request of a session says beside what is particular to its variant. */
interface Said {
  readonly kind: ResourceKind;
  readonly nonce: string;
  readonly error: string | null;
}

interface Variant<Request, Particular, Response> {
  readonly session: {
    readonly isSynced: boolean;
    offer(snapshot: Snapshot): void;
    receive(request: Said & Particular): Verdict | null;
    next(): Response | null;
  };
  readonly decode: (bytes: Buffer) => Request;
  readonly encode: (response: Response) => Buffer;
  readonly said: (request: Request) => Particular;
}

function dialect<
  Request extends DeltaDiscoveryRequest | DiscoveryRequest,
  Particular,
  Response extends { readonly kind: ResourceKind },
>({ session, decode, encode, said }: Variant<Request, Particular, Response>): Dialect {
  return {
    get isSynced() {
      return session.isSynced;
    },
    offer: (snapshot) => session.offer(snapshot),
    next: () => {
      const response = session.next();
      return response && { kind: response.kind, bytes: encode(response) };
    },
    receive: (bytes) => {
      const request = decoded(bytes, decode);
      if (request === null)
        return { kind: "refused", reason: "the request is no discovery request of the v3 API" };
      const kind = kindOf(request.typeUrl);
      if (kind === null)
        return { kind: "refused", reason: `no resources of type ${request.typeUrl} are served here` };
      const common = { kind, nonce: request.responseNonce, error: request.errorDetail?.message ?? null };
      return {
        kind: "taken",
        nodeId: request.node?.id ?? "",
        envoyVersion: versionOf(request.node),
        verdict: session.receive({ ...common, ...said(request) }),
      };
    },
  };
}

function decoded<Request>(bytes: Buffer, decode: (bytes: Buffer) => Request): Request | null {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}

/** What an Envoy says of itself; others are taken for the one that Yurt is made for. */
function versionOf(node: Node | undefined): string {
  const version = node?.userAgentVersionType;
  const numbers = version?.case === "userAgentBuildVersion" ? version.value.version : undefined;
  return numbers ? `${numbers.majorNumber}.${numbers.minorNumber}.${numbers.patch}` : ENVOY_VERSION;
}
