import { listenerName, type Sidecar } from "#mesh/sidecar.ts";
import type { Resource } from "../resource.ts";
import { LOCAL_APP } from "../resources/local-cluster.ts";

/** Whether a resource is of requests that come to the task, or of those that it makes. */
export function directionOf({ kind, name }: Resource, sidecar: Sidecar): "inbound" | "outbound" {
  switch (kind) {
    case "cluster":
    case "endpoints":
      return name === LOCAL_APP || name.startsWith("exposed_cluster_") ? "inbound" : "outbound";
    case "listener":
      return sidecar.upstreams.some((upstream) => listenerName(upstream) === name) ? "outbound" : "inbound";
    case "route":
      return "outbound";
    case "secret":
    case "extension":
      return "inbound";
  }
}

/** Whether a resource is of the way to an upstream. */
export function belongsTo({ kind, name }: Resource, service: string, { upstreams }: Sidecar): boolean {
  return upstreams
    .filter((upstream) => upstream.service === service)
    .some((upstream) => {
      if (kind === "listener") return listenerName(upstream) === name;
      if (kind === "route") return upstream.id === name;
      return Object.values(upstream.chain.Targets).some(
        (target) => name === target.Name || name.endsWith(`~${target.Name}`),
      );
    });
}
