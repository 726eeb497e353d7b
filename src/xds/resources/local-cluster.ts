import { Cluster_DiscoveryType, ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import type { Sidecar } from "#mesh/sidecar.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import { messageFromJson } from "../envoy-json.ts";
import { type Resource, resource } from "../resource.ts";
import { http2, speaksHttp2 } from "./http-protocol.ts";
import { milliseconds, pipeAddress, socketAddress } from "./source.ts";

export const LOCAL_APP = "local_app";

const CONNECT_TIMEOUT = 5000;

/** One port of the task. */
export interface TaskCluster {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** A Unix socket in place of address and port; empty for none. */
  readonly socket?: string;
  readonly protocol: Protocol;
  /** Milliseconds; 0 for the default. */
  readonly connectTimeout?: number;
  /** 0 for no limit. */
  readonly maxConnections?: number;
}

/** The task that the proxy stands before, on its loopback interface. */
export function localAppCluster({ inbound, settings: { config } }: Sidecar): Resource {
  if (config.EnvoyLocalClusterJSON !== "") {
    const custom = messageFromJson(ClusterSchema, JSON.parse(config.EnvoyLocalClusterJSON));
    custom.name = LOCAL_APP;
    return resource("cluster", LOCAL_APP, ClusterSchema, custom);
  }
  return taskCluster({
    name: LOCAL_APP,
    address: inbound.localAddress,
    port: inbound.localPort,
    socket: inbound.localSocket,
    protocol: inbound.protocol,
    connectTimeout: config.LocalConnectTimeoutMs,
    maxConnections: config.MaxInboundConnections,
  });
}

export function taskCluster({
  name,
  address,
  port,
  socket = "",
  protocol,
  ...limits
}: TaskCluster): Resource {
  const { connectTimeout = 0, maxConnections = 0 } = limits;
  const endpoint = { address: socket === "" ? socketAddress(address, port) : pipeAddress(socket) };
  return resource("cluster", name, ClusterSchema, {
    name,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STATIC },
    connectTimeout: milliseconds(connectTimeout || CONNECT_TIMEOUT),
    ...(maxConnections > 0 && { circuitBreakers: { thresholds: [{ maxConnections }] } }),
    typedExtensionProtocolOptions: speaksHttp2(protocol) ? http2() : {},
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ hostIdentifier: { case: "endpoint", value: endpoint } }] }],
    },
  });
}
