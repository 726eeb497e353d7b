import { HealthStatus } from "#envoy/config/core/v3/health_check_pb.js";
import { ClusterLoadAssignmentSchema } from "#envoy/config/endpoint/v3/endpoint_pb.js";
import type { Endpoint } from "#mesh/endpoint.ts";
import { type Resource, resource } from "../resource.ts";
import { socketAddress } from "./source.ts";

/** Where the instances of a cluster are: the same bytes for every proxy. */
export function endpointsResource(cluster: string, endpoints: readonly Endpoint[]): Resource {
  return resource("endpoints", cluster, ClusterLoadAssignmentSchema, {
    clusterName: cluster,
    // A single healthy instance keeps its target in use: the next one is for when there is none left.
    policy: { overprovisioningFactor: 100_000 },
    endpoints: [
      {
        lbEndpoints: endpoints.map(lbEndpoint),
      },
    ],
  });
}

export function lbEndpoint({ address, port, healthy, weight }: Endpoint) {
  return {
    hostIdentifier: {
      case: "endpoint" as const,
      value: { address: socketAddress(address, port) },
    },
    healthStatus: healthy ? HealthStatus.HEALTHY : HealthStatus.UNHEALTHY,
    loadBalancingWeight: weight,
  };
}
