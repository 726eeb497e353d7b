import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { RouteSchema } from "#envoy/config/route/v3/route_components_pb.js";
import type { RouteConfigurationSchema } from "#envoy/config/route/v3/route_pb.js";
import type { ProxySettings } from "#mesh/proxy-settings.ts";
import { LOCAL_APP } from "./local-cluster.ts";
import { perRouteLimit } from "./rate-limit.ts";
import { type RouteMatchInit, routeMatch } from "./route-match.ts";
import { milliseconds } from "./source.ts";

type RouteInit = Exclude<MessageInitShape<typeof RouteSchema>, Message>;

/** Every request that is let in goes to the task; some paths have a rate limit of their own. */
export function inboundRoutes(settings: ProxySettings): MessageInitShape<typeof RouteConfigurationSchema> {
  const name = "public_listener";
  const limited = (settings.rateLimits?.InstanceLevel?.Routes ?? []).map((limit) => ({
    ...toTask(pathMatch(limit), settings),
    typedPerFilterConfig: perRouteLimit(limit),
  }));
  return {
    name,
    virtualHosts: [{ name, domains: ["*"], routes: [...limited, toTask(routeMatch(null), settings)] }],
  };
}

/** A route of zero seconds has no limit: streams and long answers pass; the idle timeout still holds. */
function toTask(match: RouteMatchInit, { config }: ProxySettings): RouteInit {
  const { LocalRequestTimeoutMs: timeout, LocalIdleTimeoutMs: idle } = config;
  return {
    match,
    action: {
      case: "route",
      value: {
        clusterSpecifier: { case: "cluster", value: LOCAL_APP },
        timeout: milliseconds(timeout ?? 0),
        ...(idle !== null && { idleTimeout: milliseconds(idle) }),
      },
    },
  };
}

interface PathOfLimit {
  readonly PathExact: string;
  readonly PathPrefix: string;
  readonly PathRegex: string;
}

function pathMatch(path: PathOfLimit): RouteMatchInit {
  return routeMatch({ ...path, CaseInsensitive: false, Header: [], QueryParam: [], Methods: [] });
}
