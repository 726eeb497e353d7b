import { HttpConnectionManager_TracingSchema } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { ProxyConfig } from "#model/config-entry/proxy-config.ts";
import { messageFromJson } from "../envoy-json.ts";
import type { ConnectionManagerInit } from "./filters.ts";

type TracingConfig = Pick<
  ProxyConfig,
  "EnvoyListenerTracingJSON" | "EnvoyTracingJSON" | "EnvoyBootstrapJSONTpl"
>;

/**
 * How a connection manager traces requests: as the user's JSON says, or only those that a caller asks for, where
 * the bootstrap can name a tracer. Without one nothing could come of it, and every request would be judged for it.
 */
export function tracing(config: TracingConfig): ConnectionManagerInit {
  const json = config.EnvoyListenerTracingJSON;
  if (json !== "") return { tracing: messageFromJson(HttpConnectionManager_TracingSchema, JSON.parse(json)) };
  const hasTracer = config.EnvoyTracingJSON !== "" || config.EnvoyBootstrapJSONTpl !== "";
  return hasTracer ? { tracing: { randomSampling: { value: 0 } } } : {};
}
