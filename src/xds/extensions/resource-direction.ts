import type { Resource } from "../resource.ts";
import { LOCAL_APP } from "../resources/local-cluster.ts";
import type { ExtendedProxy, ReachedService } from "./extended-proxy.ts";

/** Whether a resource is of requests that come to the task, or of those that it makes; a gateway's all go out. */
export function directionOf({ kind, name }: Resource, proxy: ExtendedProxy): "inbound" | "outbound" {
  if (proxy.type !== "connect-proxy") return "outbound";
  switch (kind) {
    case "cluster":
    case "endpoints":
      return name === LOCAL_APP || name.startsWith("exposed_cluster_") ? "inbound" : "outbound";
    case "listener":
      return name.startsWith("public_listener:") || name.startsWith("exposed_path_") ? "inbound" : "outbound";
    case "route":
      return "outbound";
    case "secret":
    case "extension":
      return "inbound";
  }
}

/** Whether a resource is of the way to a service that the proxy reaches, and no other. */
export function leadsTo({ kind, name }: Resource, reached: ReachedService): boolean {
  if (kind === "listener") return reached.listeners.includes(name);
  if (kind === "route") return reached.routes.includes(name);
  return reached.clusters.some((cluster) => name === cluster || name.endsWith(`~${cluster}`));
}
