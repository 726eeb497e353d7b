import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { LocalRateLimitSchema } from "#envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit_pb.js";
import type { RateLimits } from "#model/config-entry/service-defaults.ts";
import { pack } from "../resource.ts";
import { type HttpFilterInit, httpFilter } from "./filters.ts";
import { nanoseconds } from "./source.ts";

const LOCAL_RATE_LIMIT = "envoy.filters.http.local_ratelimit";

interface Limit {
  readonly RequestsPerSecond: number;
  readonly RequestsMaxBurst: number;
}

/** How many requests one instance takes; those beyond are answered with 429. */
export function rateLimitFilters(rateLimits: RateLimits | null): HttpFilterInit[] {
  const limit = rateLimits?.InstanceLevel ?? null;
  if (limit === null) return [];
  // Without a limit for all, the filter still stands there for the routes that have one.
  const value =
    limit.RequestsPerSecond > 0 ? limitOf(limit) : pack(LocalRateLimitSchema, { statPrefix: STAT_PREFIX });
  return [httpFilter(LOCAL_RATE_LIMIT, value)];
}

export function perRouteLimit(limit: Limit): Record<string, Any> {
  return { [LOCAL_RATE_LIMIT]: limitOf(limit) };
}

const STAT_PREFIX = "rate_limit";

function limitOf(limit: Limit): Any {
  const always = { defaultValue: { numerator: 100 } };
  return pack(LocalRateLimitSchema, {
    statPrefix: STAT_PREFIX,
    tokenBucket: bucket(limit),
    filterEnabled: always,
    filterEnforced: always,
  });
}

/** Less than one request a second is one in a longer while. */
function bucket({ RequestsPerSecond: rate, RequestsMaxBurst: burst }: Limit) {
  const whole = Math.max(1, Math.floor(rate));
  const bucketInit: MessageInitShape<typeof LocalRateLimitSchema>["tokenBucket"] = {
    maxTokens: burst || whole,
    tokensPerFill: whole,
    fillInterval: nanoseconds(Math.round((whole / rate) * 1e9)),
  };
  return bucketInit;
}
