import type { MessageInitShape } from "@bufbuild/protobuf";
import { Cluster_DiscoveryType, ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import type { TcpKeepaliveSchema } from "#envoy/config/core/v3/address_pb.js";
import type { Keepalive } from "#mesh/gateway/mesh-gateway.ts";
import type { LoadBalancer } from "#model/config-entry/service-resolver.ts";
import { type Resource, resource } from "../../resource.ts";
import { loadBalancing } from "../load-balancing.ts";
import { fromAds, nanoseconds } from "../source.ts";

/** Where a mesh gateway hands connections on as they came, without a word of its own. */
export interface PassagePlan {
  readonly name: string;
  /** Nanoseconds. */
  readonly connectTimeout: number;
  readonly loadBalancer: LoadBalancer | null;
  readonly keepalive: Keepalive | null;
}

export function passageCluster({ name, connectTimeout, loadBalancer, keepalive }: PassagePlan): Resource {
  return resource("cluster", name, ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: fromAds },
    connectTimeout: nanoseconds(connectTimeout),
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
    ...loadBalancing(loadBalancer),
    outlierDetection: {},
    ...(keepalive && { upstreamConnectionOptions: { tcpKeepalive: keepaliveOf(keepalive) } }),
  });
}

function keepaliveOf({ time, interval, probes }: Keepalive): MessageInitShape<typeof TcpKeepaliveSchema> {
  return {
    ...(time > 0 && { keepaliveTime: time }),
    ...(interval > 0 && { keepaliveInterval: interval }),
    ...(probes > 0 && { keepaliveProbes: probes }),
  };
}
