import { create } from "@bufbuild/protobuf";
import { AccessLogSchema } from "#envoy/config/accesslog/v3/accesslog_pb.js";
import { duration, integer, object, opaque, opaqueMap, string } from "#model/schema/builders.ts";
import type { Json } from "#model/schema/schema.ts";
import { anyFromJson } from "../envoy-json.ts";
import { extension } from "./extension.ts";
import { changeManagers } from "./http-filters.ts";
import { grpcService, grpcServiceJson, targetCluster, targetRules } from "./service-target.ts";

const schema = object(
  "builtin/otel-access-logging",
  "Access logs are sent to a collector of OpenTelemetry.",
  {
    ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy", "api-gateway"] }),
    ListenerType: string("", { default: "inbound", oneOf: ["inbound", "outbound"] }),
    Config: object("Config", "Where to, and what.", {
      LogName: string("The logs' name.", { default: "otel-access-logging" }),
      GrpcService: grpcService,
      BufferFlushInterval: duration("How often lines are sent; 0 stands for 1s."),
      BufferSizeBytes: integer("How much is gathered before it is sent; 0 stands for 16 KiB."),
      Body: opaque("The body of each record: text with Envoy's command operators."),
      Attributes: opaqueMap("Attributes of each record, by name."),
      ResourceAttributes: opaqueMap("Attributes of the resource, by name."),
      StatPrefix: string(""),
    }),
  },
);

const CLUSTER = "local_otel_access_logging";
const NAME = "envoy.access_loggers.open_telemetry";

export const otelAccessLogging = extension({
  schema,
  rules: targetRules,
  apply: (resources, { Config, ListenerType }, context) => {
    const { name, added } = targetCluster(Config.GrpcService.Target, CLUSTER, true, context);
    const value = anyFromJson(
      "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig",
      {
        common_config: {
          log_name: Config.LogName,
          grpc_service: grpcServiceJson(Config.GrpcService, name),
          transport_api_version: "V3",
          ...(Config.BufferFlushInterval > 0 && {
            buffer_flush_interval: `${Config.BufferFlushInterval / 1e9}s`,
          }),
          ...(Config.BufferSizeBytes > 0 && { buffer_size_bytes: Config.BufferSizeBytes }),
        },
        ...(Config.Body !== null && { body: anyValue(Config.Body) }),
        attributes: { values: keyValues(Config.Attributes) },
        resource_attributes: { values: keyValues(Config.ResourceAttributes) },
        ...(Config.StatPrefix !== "" && { stat_prefix: Config.StatPrefix }),
      },
    );
    const logged = changeManagers(resources, ListenerType, (manager) => {
      manager.accessLog.push(
        create(AccessLogSchema, { name: NAME, configType: { case: "typedConfig", value } }),
      );
    });
    return [...logged, ...added];
  },
});

function keyValues(values: Readonly<Record<string, Json>>) {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** A JSON value as OpenTelemetry's AnyValue. */
function anyValue(value: Json): Json {
  if (typeof value === "string") return { string_value: value };
  if (typeof value === "boolean") return { bool_value: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { int_value: value } : { double_value: value };
  if (value === null) return {};
  if (Array.isArray(value)) return { array_value: { values: value.map(anyValue) } };
  return { kvlist_value: { values: keyValues(value) } };
}
