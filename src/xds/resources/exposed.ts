import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import type { ExposedListener } from "#mesh/exposed-listeners.ts";
import type { ExposedPath } from "#model/catalog.ts";
import { type Resource, resource } from "../resource.ts";
import { connectionManager, router } from "./filters.ts";
import { taskCluster } from "./local-cluster.ts";
import { addressRange, seconds, socketAddress } from "./source.ts";

/** Paths of the task that everyone may ask for, in plain text: exactly these, and nothing else at that port. */
export function exposedListener({ address, port, paths, sources }: ExposedListener): Resource {
  const label = paths.map(({ Path }) => Path.replace(/[^\w-]/g, "")).join("_");
  const name = `exposed_path_${label}:${address}:${port}`;
  return resource("listener", name, ListenerSchema, {
    name,
    address: socketAddress(address, port),
    trafficDirection: TrafficDirection.INBOUND,
    filterChains: [
      {
        ...(sources.length > 0 && { filterChainMatch: { sourcePrefixRanges: sources.map(addressRange) } }),
        filters: [
          connectionManager({
            statPrefix: `exposed_path_filter_${label}_${port}`,
            normalizePath: true,
            routeSpecifier: {
              case: "routeConfig",
              value: { name, virtualHosts: [{ name, domains: ["*"], routes: paths.map(routeTo) }] },
            },
            httpFilters: [router()],
          }),
        ],
      },
    ],
  });
}

/** A cluster for each port and protocol of the task that an exposed path leads to. */
export function exposedClusters(listeners: readonly ExposedListener[], localAddress: string): Resource[] {
  const paths = listeners.flatMap((listener) => listener.paths);
  const byName = new Map(paths.map((path) => [clusterName(path), path]));
  return [...byName].map(([name, path]) =>
    taskCluster({ name, address: localAddress, port: path.LocalPathPort, protocol: path.Protocol }),
  );
}

function routeTo(path: ExposedPath) {
  return {
    match: { pathSpecifier: { case: "path" as const, value: path.Path } },
    action: {
      case: "route" as const,
      value: {
        clusterSpecifier: { case: "cluster" as const, value: clusterName(path) },
        timeout: seconds(0),
      },
    },
  };
}

function clusterName({ LocalPathPort, Protocol }: ExposedPath): string {
  return `exposed_cluster_${LocalPathPort}${Protocol === "http2" ? "_http2" : ""}`;
}
