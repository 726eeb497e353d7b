import { isIP } from "node:net";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BoolValueSchema } from "@bufbuild/protobuf/wkt";
import {
  Cluster_DiscoveryType,
  Cluster_DnsLookupFamily,
  ClusterSchema,
} from "#envoy/config/cluster/v3/cluster_pb.js";
import type { DataSourceSchema } from "#envoy/config/core/v3/base_pb.js";
import { RouteConfigurationSchema } from "#envoy/config/route/v3/route_pb.js";
import {
  SubjectAltNameMatcher_SanType,
  TlsParameters_TlsProtocol,
} from "#envoy/extensions/transport_sockets/tls/v3/common_pb.js";
import { UpstreamTlsContextSchema } from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { Endpoint } from "#mesh/endpoint.ts";
import type { LinkedService, OutsideTarget } from "#mesh/gateway/terminating-gateway.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import { pack, type Resource, resource } from "../../resource.ts";
import { lbEndpoint } from "../endpoints.ts";
import { http2, speaksHttp2 } from "../http-protocol.ts";
import { hashPolicies, loadBalancing } from "../load-balancing.ts";
import { routeAction } from "../route-action.ts";
import { fromAds, nanoseconds, seconds } from "../source.ts";
import { tlsSocket } from "../transport.ts";

/** A target outside, and what is known of its instances. */
export interface OutsidePlan {
  readonly target: OutsideTarget;
  readonly link: LinkedService;
  readonly protocol: Protocol;
  /** Instances that are known by the names of their hosts, and of which Envoy finds the addresses; mostly none. */
  readonly named: readonly Endpoint[];
}

/** Those of instances that have names in place of addresses; under `logical` discovery Envoy takes one. */
export function namedEndpoints(endpoints: readonly Endpoint[], { discovery }: OutsideTarget): Endpoint[] {
  const hasNames = endpoints.some(({ address }) => isIP(address) === 0);
  const healthy = endpoints.filter((endpoint) => endpoint.healthy);
  if (!hasNames) return [];
  return discovery === "strict" ? healthy : healthy.filter(({ address }) => isIP(address) === 0).slice(0, 1);
}

/** The instances of a service outside of the mesh. */
export function outsideCluster(plan: OutsidePlan): Resource {
  const { target, link, protocol } = plan;
  return resource("cluster", target.name, ClusterSchema, {
    name: target.name,
    ...discovery(plan),
    connectTimeout: nanoseconds(target.connectTimeout),
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
    ...loadBalancing(target.loadBalancer),
    outlierDetection: {},
    typedExtensionProtocolOptions: speaksHttp2(protocol) ? http2() : {},
    ...(link.CAFile !== "" && { transportSocket: encryption(plan) }),
  });
}

function discovery({ target, named }: OutsidePlan) {
  if (named.length === 0) {
    return {
      clusterDiscoveryType: { case: "type" as const, value: Cluster_DiscoveryType.EDS },
      edsClusterConfig: { edsConfig: fromAds },
    };
  }
  const { LOGICAL_DNS, STRICT_DNS } = Cluster_DiscoveryType;
  return {
    clusterDiscoveryType: {
      case: "type" as const,
      value: target.discovery === "strict" ? STRICT_DNS : LOGICAL_DNS,
    },
    dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED,
    dnsRefreshRate: seconds(10),
    loadAssignment: { clusterName: target.name, endpoints: [{ lbEndpoints: named.map(lbEndpoint) }] },
  };
}

/** Who answers must show a certificate of the linked authority, for the name that is asked for. */
function encryption({ link, named }: OutsidePlan) {
  const name = link.SNI || (named[0]?.address ?? "");
  const certificate = { certificateChain: file(link.CertFile), privateKey: file(link.KeyFile) };
  return tlsSocket(
    pack(UpstreamTlsContextSchema, {
      sni: name,
      commonTlsContext: {
        // As a client, Envoy would by itself go no further than 1.2.
        tlsParams: { tlsMaximumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_3 },
        tlsCertificates: link.CertFile === "" ? [] : [certificate],
        validationContextType: {
          case: "validationContext",
          value: {
            trustedCa: file(link.CAFile),
            matchTypedSubjectAltNames:
              name === ""
                ? []
                : [
                    {
                      sanType: SubjectAltNameMatcher_SanType.DNS,
                      matcher: { matchPattern: { case: "exact", value: name } },
                    },
                  ],
          },
        },
      },
    }),
  );
}

function file(filename: string): MessageInitShape<typeof DataSourceSchema> {
  return { specifier: { case: "filename", value: filename } };
}

/** Servers outside know themselves by their own names: the Host header becomes that, where one is known. */
export function outsideRoutes({ target, link, named }: OutsidePlan): Resource {
  const rewrites = named.length > 0 && !link.DisableAutoHostRewrite;
  return resource("route", target.name, RouteConfigurationSchema, {
    name: target.name,
    virtualHosts: [
      {
        name: target.name,
        domains: ["*"],
        routes: [
          {
            match: { pathSpecifier: { case: "prefix", value: "/" } },
            action: {
              case: "route",
              value: {
                ...routeAction(null, null, target.requestTimeout),
                clusterSpecifier: { case: "cluster", value: target.name },
                hashPolicy: hashPolicies(target.loadBalancer),
                ...(rewrites && {
                  hostRewriteSpecifier: {
                    case: "autoHostRewrite" as const,
                    value: create(BoolValueSchema, { value: true }),
                  },
                }),
              },
            },
          },
        ],
      },
    ],
  });
}
