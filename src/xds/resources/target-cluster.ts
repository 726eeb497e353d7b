import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CircuitBreakersSchema } from "#envoy/config/cluster/v3/circuit_breaker_pb.js";
import {
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  ClusterSchema,
} from "#envoy/config/cluster/v3/cluster_pb.js";
import type { OutlierDetectionSchema } from "#envoy/config/cluster/v3/outlier_detection_pb.js";
import { TransportSocketSchema } from "#envoy/config/core/v3/base_pb.js";
import { ClusterConfigSchema } from "#envoy/extensions/clusters/aggregate/v3/cluster_pb.js";
import type { MeshTlsParameters } from "#model/config-entry/mesh.ts";
import type { LoadBalancer } from "#model/config-entry/service-resolver.ts";
import type { PassiveHealthCheck, UpstreamLimits } from "#model/config-entry/upstream-config.ts";
import { messageFromJson } from "../envoy-json.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { http2 } from "./http-protocol.ts";
import { keepalive } from "./keepalive.ts";
import { loadBalancing } from "./load-balancing.ts";
import { fromAdsWithin, nanoseconds } from "./source.ts";
import { offerMutualTls } from "./transport.ts";

/** Everything that the cluster of a target is made of: equal plans give equal bytes, for all proxies. */
export interface ClusterPlan {
  readonly name: string;
  /** The name in statistics: that of the target, whatever stands before it in `name`. */
  readonly statisticsName: string;
  readonly serverName: string;
  /** Who the instances must prove to be, one of them. */
  readonly uris: readonly string[];
  /** The secret with the roots that they prove it by. */
  readonly roots: string;
  readonly http: boolean;
  /** Nanoseconds. */
  readonly connectTimeout: number;
  readonly loadBalancer: LoadBalancer | null;
  /** Milliseconds that endpoints are waited for; null for the usual. */
  readonly fetchTimeout: number | null;
  readonly limits: UpstreamLimits | null;
  readonly passiveHealthCheck: PassiveHealthCheck | null;
  readonly tls: MeshTlsParameters | null;
  /** A cluster of the user's own, as JSON, or empty. It is given the mesh's encryption. */
  readonly custom: string;
}

/** The instances of a target. */
export function targetCluster(plan: ClusterPlan): Resource {
  const transportSocket = offerMutualTls(plan.serverName, plan.uris, plan.tls, plan.roots);
  if (plan.custom !== "") {
    const custom = messageFromJson(ClusterSchema, JSON.parse(plan.custom));
    custom.name = plan.name;
    custom.transportSocket = create(TransportSocketSchema, transportSocket);
    return resource("cluster", plan.name, ClusterSchema, custom);
  }
  return resource("cluster", plan.name, ClusterSchema, {
    name: plan.name,
    altStatName: plan.statisticsName,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: fromAdsWithin(plan.fetchTimeout) },
    connectTimeout: nanoseconds(plan.connectTimeout),
    // With no healthy instance a request fails at once rather than reach one that is known to be ill.
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
    ...loadBalancing(plan.loadBalancer),
    outlierDetection: outlierDetection(plan.passiveHealthCheck),
    ...(plan.limits && { circuitBreakers: circuitBreakers(plan.limits) }),
    upstreamConnectionOptions: { tcpKeepalive: keepalive },
    // Between proxies HTTP travels as HTTP/2, whatever the tasks speak: a third less CPU under load.
    typedExtensionProtocolOptions: plan.http ? http2() : {},
    transportSocket,
  });
}

/** Several targets, of which the first that has a healthy instance is used. */
export interface FailoverPlan {
  readonly name: string;
  readonly statisticsName: string;
  /** Names of clusters, in order. */
  readonly clusters: readonly string[];
  /** Nanoseconds. */
  readonly connectTimeout: number;
}

export function failoverCluster({ name, statisticsName, clusters, connectTimeout }: FailoverPlan): Resource {
  return resource("cluster", name, ClusterSchema, {
    name,
    altStatName: statisticsName,
    connectTimeout: nanoseconds(connectTimeout),
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    clusterDiscoveryType: {
      case: "clusterType",
      value: {
        name: "envoy.clusters.aggregate",
        typedConfig: pack(ClusterConfigSchema, { clusters: [...clusters] }),
      },
    },
  });
}

function outlierDetection(check: PassiveHealthCheck | null): MessageInitShape<typeof OutlierDetectionSchema> {
  if (check === null) return {};
  const consecutive = check.Consecutive5xx ?? (check.MaxFailures || null);
  return {
    interval: nanoseconds(check.Interval),
    ...(consecutive !== null && { consecutive5xx: consecutive }),
    ...(check.EnforcingConsecutive5xx !== null && { enforcingConsecutive5xx: check.EnforcingConsecutive5xx }),
    ...(check.MaxEjectionPercent !== null && { maxEjectionPercent: check.MaxEjectionPercent }),
    ...(check.BaseEjectionTime !== null && { baseEjectionTime: nanoseconds(check.BaseEjectionTime) }),
    ...(check.ConsecutiveGatewayFailure !== null && {
      consecutiveGatewayFailure: check.ConsecutiveGatewayFailure,
    }),
    ...(check.EnforcingConsecutiveGatewayFailure !== null && {
      enforcingConsecutiveGatewayFailure: check.EnforcingConsecutiveGatewayFailure,
    }),
  };
}

function circuitBreakers(limits: UpstreamLimits): MessageInitShape<typeof CircuitBreakersSchema> {
  const threshold = {
    ...(limits.MaxConnections !== null && { maxConnections: limits.MaxConnections }),
    ...(limits.MaxPendingRequests !== null && { maxPendingRequests: limits.MaxPendingRequests }),
    ...(limits.MaxConcurrentRequests !== null && { maxRequests: limits.MaxConcurrentRequests }),
  };
  return { thresholds: [threshold] };
}
