import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { Cluster_DiscoveryType, ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import type { TransportSocketSchema } from "#envoy/config/core/v3/base_pb.js";
import {
  SubjectAltNameMatcher_SanType,
  TlsParameters_TlsProtocol,
} from "#envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import { UpstreamTlsContextSchema } from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { HttpProtocolOptionsSchema } from "#envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import type { Sidecar } from "#mesh/sidecar.ts";
import type { Target } from "#mesh/target.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { LEAF, ROOTS, secretByName } from "./secrets.ts";
import { fromAds, seconds, socketAddress } from "./source.ts";

export const LOCAL_APP = "local_app";

const HTTP_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const CONNECT_TIMEOUT = seconds(5);

/** The task that the proxy stands before, on its loopback interface. */
export function localAppCluster({ inbound }: Sidecar): Resource {
  return taskCluster(LOCAL_APP, inbound.localAddress, inbound.localPort, inbound.protocol);
}

/** One port of the task. */
export function taskCluster(name: string, address: string, port: number, protocol: Protocol): Resource {
  return resource("cluster", name, ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STATIC },
    connectTimeout: CONNECT_TIMEOUT,
    typedExtensionProtocolOptions: speaksHttp2(protocol) ? http2() : {},
    loadAssignment: {
      clusterName: name,
      endpoints: [
        {
          lbEndpoints: [
            {
              hostIdentifier: { case: "endpoint", value: { address: socketAddress(address, port) } },
            },
          ],
        },
      ],
    },
  });
}

/** The instances of another service: the same bytes for every proxy that reaches it. */
export function targetCluster(target: Target, protocol: Protocol): Resource {
  return resource("cluster", target.name, ClusterSchema, {
    name: target.name,
    altStatName: target.name,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: fromAds },
    connectTimeout: CONNECT_TIMEOUT,
    // With no healthy instance a request fails at once rather than reach one that is known to be ill.
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
    outlierDetection: {},
    // Between proxies HTTP travels as HTTP/2, whatever the tasks speak: a third less CPU under load.
    typedExtensionProtocolOptions: protocol === "tcp" ? {} : http2(),
    transportSocket: mutualTls(target),
  });
}

export function speaksHttp2(protocol: Protocol): boolean {
  return protocol === "http2" || protocol === "grpc";
}

function mutualTls(target: Target): MessageInitShape<typeof TransportSocketSchema> {
  return {
    name: "envoy.transport_sockets.tls",
    configType: {
      case: "typedConfig",
      value: pack(UpstreamTlsContextSchema, {
        sni: target.name,
        commonTlsContext: {
          tlsParams: { tlsMaximumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_3 },
          tlsCertificateSdsSecretConfigs: [secretByName(LEAF)],
          validationContextType: {
            case: "combinedValidationContext",
            value: {
              defaultValidationContext: {
                matchTypedSubjectAltNames: [
                  {
                    sanType: SubjectAltNameMatcher_SanType.URI,
                    matcher: { matchPattern: { case: "exact", value: target.uri } },
                  },
                ],
              },
              validationContextSdsSecretConfig: secretByName(ROOTS),
            },
          },
        },
      }),
    },
  };
}

function http2(): Record<string, Any> {
  return {
    [HTTP_PROTOCOL_OPTIONS]: pack(HttpProtocolOptionsSchema, {
      upstreamProtocolOptions: {
        case: "explicitHttpConfig",
        value: { protocolConfig: { case: "http2ProtocolOptions", value: {} } },
      },
    }),
  };
}
