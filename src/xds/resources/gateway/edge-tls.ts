import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TransportSocketSchema } from "#envoy/config/core/v3/base_pb.js";
import { ApiConfigSource_ApiType, ApiVersion } from "#envoy/config/core/v3/config_source_pb.js";
import type { SdsSecretConfigSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { DownstreamTlsContextSchema } from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { EdgeCertificate, EdgeTls } from "#mesh/gateway/edge-gateway.ts";
import type { MeshTlsParameters } from "#model/config-entry/mesh.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import { pack } from "../../resource.ts";
import { certificateName, LEAF, secretByName } from "../secrets.ts";
import { seconds } from "../source.ts";
import { tlsParameters, tlsSocket } from "../transport.ts";

/** Encryption for clients of whom no certificate is asked. */
export function serveTls(tls: EdgeTls, protocol: Protocol): MessageInitShape<typeof TransportSocketSchema> {
  const context = pack(DownstreamTlsContextSchema, {
    commonTlsContext: {
      alpnProtocols: protocol === "tcp" ? [] : ["h2", "http/1.1"],
      tlsParams: tlsParameters({
        TLSMinVersion: tls.minimum as MeshTlsParameters["TLSMinVersion"],
        TLSMaxVersion: tls.maximum as MeshTlsParameters["TLSMaxVersion"],
        CipherSuites: [...tls.cipherSuites],
      }),
      tlsCertificateSdsSecretConfigs: tls.certificates.map(certificate),
    },
  });
  return tlsSocket(context);
}

function certificate(from: EdgeCertificate): MessageInitShape<typeof SdsSecretConfigSchema> {
  switch (from.kind) {
    case "leaf":
      return secretByName(LEAF);
    case "entry":
      return secretByName(certificateName(from.entry, from.name));
    case "sds":
      return { name: from.name, sdsConfig: servedBy(from.cluster) };
  }
}

function servedBy(cluster: string): NonNullable<MessageInitShape<typeof SdsSecretConfigSchema>["sdsConfig"]> {
  return {
    resourceApiVersion: ApiVersion.V3,
    initialFetchTimeout: seconds(5),
    configSourceSpecifier: {
      case: "apiConfigSource",
      value: {
        apiType: ApiConfigSource_ApiType.GRPC,
        transportApiVersion: ApiVersion.V3,
        grpcServices: [
          {
            targetSpecifier: { case: "envoyGrpc", value: { clusterName: cluster } },
            timeout: seconds(5),
          },
        ],
      },
    },
  };
}
