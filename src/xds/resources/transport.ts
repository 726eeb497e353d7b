import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { TransportSocketSchema } from "#envoy/config/core/v3/base_pb.js";
import {
  SubjectAltNameMatcher_SanType,
  TlsParameters_TlsProtocol,
  type TlsParametersSchema,
} from "#envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { cipherSuites } from "#model/config-entry/gateway-tls.ts";
import type { MeshTlsParameters } from "#model/config-entry/mesh.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import { pack } from "../resource.ts";
import { CALLERS, LEAF, ROOTS, secretByName } from "./secrets.ts";

type TransportSocketInit = MessageInitShape<typeof TransportSocketSchema>;

/** Takes connections of the mesh and its peers alone: whoever calls shows a certificate that a trusted root has signed. */
export function requireMutualTls(
  protocol: Protocol,
  parameters: MeshTlsParameters | null,
  { leaf, callers }: { readonly leaf: string; readonly callers: string } = { leaf: LEAF, callers: CALLERS },
): TransportSocketInit {
  const context = pack(DownstreamTlsContextSchema, {
    requireClientCertificate: true,
    commonTlsContext: {
      alpnProtocols: protocol === "tcp" ? [] : ["h2", "http/1.1"],
      ...(parameters && { tlsParams: tlsParameters(parameters) }),
      tlsCertificateSdsSecretConfigs: [secretByName(leaf)],
      validationContextType: { case: "validationContextSdsSecretConfig", value: secretByName(callers) },
    },
  });
  return tlsSocket(context);
}

/**
 * With version 1.3 each is good for one handshake, so that by Envoy's own one of several connections that begin at the
 * same time would be shortened.
 */
const KEPT_SESSIONS = 64;

/** Connects as the own service to whoever can prove to be one of `uris`. */
export function offerMutualTls(
  serverName: string,
  uris: readonly string[],
  parameters: MeshTlsParameters | null,
  roots: string = ROOTS,
): TransportSocketInit {
  const names = uris.map((uri) => ({
    sanType: SubjectAltNameMatcher_SanType.URI,
    matcher: { matchPattern: { case: "exact" as const, value: uri } },
  }));
  const context = pack(UpstreamTlsContextSchema, {
    sni: serverName,
    maxSessionKeys: KEPT_SESSIONS,
    commonTlsContext: {
      // As a client, Envoy would by itself go no further than 1.2.
      tlsParams: {
        tlsMaximumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_3,
        ...(parameters && tlsParameters(parameters)),
      },
      tlsCertificateSdsSecretConfigs: [secretByName(LEAF)],
      validationContextType: {
        case: "combinedValidationContext",
        value: {
          defaultValidationContext: { matchTypedSubjectAltNames: names },
          validationContextSdsSecretConfig: secretByName(roots),
        },
      },
    },
  });
  return tlsSocket(context);
}

/** `context`: of one side or the other. */
export function tlsSocket(context: Any): TransportSocketInit {
  return { name: "envoy.transport_sockets.tls", configType: { case: "typedConfig", value: context } };
}

const VERSIONS = {
  "": undefined,
  TLS_AUTO: TlsParameters_TlsProtocol.TLS_AUTO,
  TLSv1_0: TlsParameters_TlsProtocol.TLSv1_0,
  TLSv1_1: TlsParameters_TlsProtocol.TLSv1_1,
  TLSv1_2: TlsParameters_TlsProtocol.TLSv1_2,
  TLSv1_3: TlsParameters_TlsProtocol.TLSv1_3,
} as const;

export function tlsParameters({ TLSMinVersion, TLSMaxVersion, CipherSuites }: MeshTlsParameters) {
  const [minimum, maximum] = [VERSIONS[TLSMinVersion], VERSIONS[TLSMaxVersion]];
  const parameters: MessageInitShape<typeof TlsParametersSchema> = {
    ...(minimum !== undefined && { tlsMinimumProtocolVersion: minimum }),
    ...(maximum !== undefined && { tlsMaximumProtocolVersion: maximum }),
    cipherSuites: CipherSuites.map(opensslName),
  };
  return parameters;
}

/** Consul's users write the names of the TLS registry; Envoy takes those of OpenSSL. */
function opensslName(suite: string): string {
  return cipherSuites[suite] ?? suite;
}
