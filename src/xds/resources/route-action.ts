import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { RetryPolicySchema, RouteActionSchema } from "#envoy/config/route/v3/route_components_pb.js";
import { PreviousHostsPredicateSchema } from "#envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.js";
import type { HttpMatch, RouteDestination } from "#model/config-entry/service-router.ts";
import { pack } from "../resource.ts";
import { nanoseconds } from "./source.ts";

export type RouteActionInit = Exclude<MessageInitShape<typeof RouteActionSchema>, Message>;
type RetryInit = MessageInitShape<typeof RetryPolicySchema>;

/**
 * How the requests of a route travel, wherever they go. `defaultTimeout`: nanoseconds, of the resolver behind
 * it. A time of zero has no limit: streams and long answers pass.
 */
export function routeAction(
  match: HttpMatch | null,
  destination: RouteDestination | null,
  defaultTimeout: number,
): RouteActionInit {
  return {
    timeout: nanoseconds(destination?.RequestTimeout || defaultTimeout),
    ...(destination && idleTimeout(destination)),
    ...rewrite(match, destination?.PrefixRewrite ?? ""),
    retryPolicy: retryPolicy(destination),
  };
}

/** Envoy's own limit of five minutes holds where nothing is said; a negative time lifts it. */
function idleTimeout({ IdleTimeout }: RouteDestination): RouteActionInit {
  if (IdleTimeout === 0) return {};
  return { idleTimeout: nanoseconds(Math.max(0, IdleTimeout)) };
}

/**
 * What stands for the matched path. Where a prefix without a slash at its end becomes one with it, the slash
 * that follows in the path is taken too: `/admin` to `/` makes `/x` of `/admin/x`, not `//x`.
 */
function rewrite(match: HttpMatch | null, replacement: string): RouteActionInit {
  if (replacement === "") return {};
  const prefix = match?.PathPrefix ?? "";
  if (prefix === "" || prefix.endsWith("/") || !replacement.endsWith("/"))
    return { prefixRewrite: replacement };
  const regex = `^${match?.CaseInsensitive ? "(?i)" : ""}${escapeRegex(prefix)}/?`;
  return { regexRewrite: { pattern: { regex }, substitution: replacement.replaceAll("\\", "\\\\") } };
}

/**
 * Where a route does not say what counts as a failure, what certainly reached no instance is tried again:
 * nothing can happen twice by that.
 */
function retryPolicy(destination: RouteDestination | null): RetryInit {
  const { NumRetries = 0, RetryOn = [], RetryOnStatusCodes = [] } = destination ?? {};
  const conditions = [
    ...RetryOn,
    ...(destination?.RetryOnConnectFailure ? ["connect-failure"] : []),
    ...(RetryOnStatusCodes.length > 0 ? ["retriable-status-codes"] : []),
  ];
  if (conditions.length === 0) {
    return {
      retryOn: "connect-failure,refused-stream",
      numRetries: NumRetries || SAFE_RETRIES,
      ...elsewhere,
    };
  }
  return {
    retryOn: conditions.join(","),
    ...(NumRetries > 0 && { numRetries: NumRetries }),
    retriableStatusCodes: [...RetryOnStatusCodes],
    ...elsewhere,
  };
}

const SAFE_RETRIES = 2;

/** A retry goes to another instance than the one that failed, where there is another. */
const elsewhere: Exclude<RetryInit, Message> = {
  retryHostPredicate: [
    {
      name: "envoy.retry_host_predicates.previous_hosts",
      configType: { case: "typedConfig", value: pack(PreviousHostsPredicateSchema, {}) },
    },
  ],
  hostSelectionRetryMaxAttempts: 5n,
};

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
