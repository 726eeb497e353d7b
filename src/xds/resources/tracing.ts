import { HttpConnectionManager_TracingSchema } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { messageFromJson } from "../envoy-json.ts";
import type { ConnectionManagerInit } from "./filters.ts";

/** How a connection manager traces requests: as the user's JSON says, or only those that a caller asks for. */
export function tracing(json: string): ConnectionManagerInit {
  if (json === "") return { tracing: { randomSampling: { value: 0 } } };
  return { tracing: messageFromJson(HttpConnectionManager_TracingSchema, JSON.parse(json)) };
}
