import { isIP } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Cluster_DiscoveryType, ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import type { DataSourceSchema, TransportSocketSchema } from "#envoy/config/core/v3/base_pb.js";
import { SubjectAltNameMatcher_SanType } from "#envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import { UpstreamTlsContextSchema } from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { JwksCluster, RemoteJwks } from "#model/config-entry/jwt-provider.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { nanoseconds, seconds, socketAddress } from "./source.ts";

/** Where Debian and its descendants keep the certificates that a machine trusts. */
const SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt";

const DISCOVERY: Readonly<Record<JwksCluster["DiscoveryType"], Cluster_DiscoveryType>> = {
  STRICT_DNS: Cluster_DiscoveryType.STRICT_DNS,
  LOGICAL_DNS: Cluster_DiscoveryType.LOGICAL_DNS,
  STATIC: Cluster_DiscoveryType.STATIC,
  EDS: Cluster_DiscoveryType.EDS,
  ORIGINAL_DST: Cluster_DiscoveryType.ORIGINAL_DST,
};

export const jwksClusterName = (provider: string) => `jwks_cluster_${provider}`;

/** Where proxies fetch the keys of a provider. */
export function jwksClusterResource(provider: string, jwks: RemoteJwks): Resource {
  const name = jwksClusterName(provider);
  const url = new URL(jwks.URI);
  const secure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (secure ? 443 : 80);
  const type = DISCOVERY[jwks.JWKSCluster?.DiscoveryType ?? "STRICT_DNS"];
  return resource("cluster", name, ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: isIP(host) === 0 ? type : Cluster_DiscoveryType.STATIC },
    connectTimeout: jwks.JWKSCluster ? nanoseconds(jwks.JWKSCluster.ConnectTimeout) : seconds(5),
    loadAssignment: {
      clusterName: name,
      endpoints: [
        {
          lbEndpoints: [
            { hostIdentifier: { case: "endpoint", value: { address: socketAddress(host, port) } } },
          ],
        },
      ],
    },
    ...(secure && { transportSocket: tls(host, jwks) }),
  });
}

function tls(host: string, jwks: RemoteJwks): MessageInitShape<typeof TransportSocketSchema> {
  const sanType =
    isIP(host) === 0 ? SubjectAltNameMatcher_SanType.DNS : SubjectAltNameMatcher_SanType.IP_ADDRESS;
  return {
    name: "envoy.transport_sockets.tls",
    configType: {
      case: "typedConfig",
      value: pack(UpstreamTlsContextSchema, {
        ...(jwks.UseSNI && { sni: host }),
        commonTlsContext: {
          validationContextType: {
            case: "validationContext",
            value: {
              trustedCa: trusted(jwks.JWKSCluster),
              matchTypedSubjectAltNames: [
                { sanType, matcher: { matchPattern: { case: "exact", value: host } } },
              ],
            },
          },
        },
      }),
    },
  };
}

function trusted(cluster: JwksCluster | null): MessageInitShape<typeof DataSourceSchema> {
  const { Filename, EnvironmentVariable, InlineString, InlineBytes } =
    cluster?.TLSCertificates?.TrustedCA ?? {};
  if (EnvironmentVariable) return { specifier: { case: "environmentVariable", value: EnvironmentVariable } };
  if (InlineString) return { specifier: { case: "inlineString", value: InlineString } };
  if (InlineBytes) return { specifier: { case: "inlineBytes", value: Buffer.from(InlineBytes, "base64") } };
  return { specifier: { case: "filename", value: Filename || SYSTEM_ROOTS } };
}
