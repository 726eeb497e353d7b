import type { MessageInitShape } from "@bufbuild/protobuf";
import { RouteConfigurationSchema } from "#envoy/config/route/v3/route_pb.js";
import type { Upstream } from "#mesh/sidecar.ts";
import { type Resource, resource } from "../resource.ts";
import { LOCAL_APP } from "./clusters.ts";
import { seconds } from "./source.ts";

/** Where an upstream's requests go: asked for by name, so that a change of it touches no listener. */
export function upstreamRoutes({ id, target }: Upstream): Resource {
  return resource("route", id, RouteConfigurationSchema, everythingTo(id, target.name));
}

/** Every request that is let in goes to the task. */
export function inboundRoutes(): MessageInitShape<typeof RouteConfigurationSchema> {
  return everythingTo("public_listener", LOCAL_APP);
}

/** A route of zero seconds has no limit: streams and long answers pass; the idle timeout still holds. */
function everythingTo(name: string, cluster: string): MessageInitShape<typeof RouteConfigurationSchema> {
  return {
    name,
    virtualHosts: [
      {
        name,
        domains: ["*"],
        routes: [
          {
            match: { pathSpecifier: { case: "prefix", value: "/" } },
            action: {
              case: "route",
              value: { clusterSpecifier: { case: "cluster", value: cluster }, timeout: seconds(0) },
            },
          },
        ],
      },
    ],
  };
}
