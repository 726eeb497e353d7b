import {
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  ClusterSchema,
} from "#envoy/config/cluster/v3/cluster_pb.js";
import { serviceUri } from "#mesh/ca/spiffe.ts";
import { serverName } from "#mesh/chain/place.ts";
import type { Outgoing } from "#mesh/mesh.ts";
import { type Resource, resource } from "../resource.ts";
import { seconds } from "./source.ts";
import { offerMutualTls } from "./transport.ts";

/** The name is Consul's. */
export const ORIGINAL_DESTINATION = "original-destination";

/** Wherever a redirected connection was meant to go, as it is. */
export function originalDestination(): Resource {
  return resource("cluster", ORIGINAL_DESTINATION, ClusterSchema, towardsDestination(ORIGINAL_DESTINATION));
}

/** The single instance of a service that a redirected connection was meant for, by the mesh's TLS. */
export function directCluster(service: string, mesh: Outgoing): Resource {
  const { trustDomain, datacenter, tls } = mesh;
  const name = directName(service, mesh);
  return resource("cluster", name, ClusterSchema, {
    ...towardsDestination(name),
    transportSocket: offerMutualTls(
      serverNameOf(service, mesh),
      [serviceUri({ trustDomain, datacenter, service })],
      tls,
    ),
  });
}

/** Consul's form. */
export function directName(service: string, mesh: Outgoing): string {
  return `passthrough~${serverNameOf(service, mesh)}`;
}

function serverNameOf(service: string, { trustDomain, datacenter }: Outgoing): string {
  return serverName({ service, subset: "", datacenter, peer: "" }, trustDomain);
}

function towardsDestination(name: string) {
  return {
    name,
    clusterDiscoveryType: { case: "type" as const, value: Cluster_DiscoveryType.ORIGINAL_DST },
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    connectTimeout: seconds(5),
  };
}
