import { ConfigSchema as BridgeSchema } from "#envoy/extensions/filters/http/grpc_http1_bridge/v3/config_pb.js";
import { FilterConfigSchema } from "#envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import type { Protocol } from "#model/config-entry/protocol.ts";
import { pack } from "../resource.ts";
import { type HttpFilterInit, httpFilter } from "./filters.ts";

/** What is particular to gRPC: calls are counted by method, and clients that speak HTTP/1.1 are served too. */
export function grpcFilters(protocol: Protocol): HttpFilterInit[] {
  if (protocol !== "grpc") return [];
  const perMethod = { case: "statsForAllMethods" as const, value: { value: true } };
  return [
    httpFilter("envoy.filters.http.grpc_http1_bridge", pack(BridgeSchema, {})),
    httpFilter(
      "envoy.filters.http.grpc_stats",
      pack(FilterConfigSchema, { perMethodStatSpecifier: perMethod }),
    ),
  ];
}
