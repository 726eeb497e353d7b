import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { AccessLogSchema } from "#envoy/config/accesslog/v3/accesslog_pb.js";
import type { SubstitutionFormatStringSchema } from "#envoy/config/core/v3/substitution_format_string_pb.js";
import { FileAccessLogSchema } from "#envoy/extensions/access_loggers/file/v3/file_pb.js";
import {
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from "#envoy/extensions/access_loggers/stream/v3/stream_pb.js";
import type { AccessLogs } from "#model/config-entry/access-logs.ts";
import { pack } from "../resource.ts";

type AccessLogInit = MessageInitShape<typeof AccessLogSchema>;
type FormatInit = MessageInitShape<typeof SubstitutionFormatStringSchema>;

/** A line for each request, or for each connection where requests are not looked at. */
export function accessLogs(logs: AccessLogs | null): AccessLogInit[] {
  return logs === null ? [] : [accessLog("Consul Listener Filter Log", logs)];
}

/** A line for each connection that no filter chain would take: it would otherwise leave no trace. */
export function listenerAccessLogs(logs: AccessLogs | null): AccessLogInit[] {
  if (logs === null || logs.DisableListenerLogs) return [];
  const flags = { case: "responseFlagFilter" as const, value: { flags: ["NR"] } };
  return [{ ...accessLog("Consul Listener Log", logs), filter: { filterSpecifier: flags } }];
}

function accessLog(name: string, logs: AccessLogs) {
  return { name, configType: { case: "typedConfig" as const, value: sink(logs) } };
}

function sink(logs: AccessLogs): Any {
  const format = { case: "logFormat" as const, value: formatOf(logs) };
  switch (logs.Type) {
    case "stdout":
      return pack(StdoutAccessLogSchema, { accessLogFormat: format });
    case "stderr":
      return pack(StderrAccessLogSchema, { accessLogFormat: format });
    case "file":
      return pack(FileAccessLogSchema, { path: logs.Path, accessLogFormat: format });
  }
}

function formatOf({ TextFormat, JSONFormat }: AccessLogs): FormatInit {
  if (TextFormat !== "") {
    const line = TextFormat.endsWith("\n") ? TextFormat : `${TextFormat}\n`;
    return {
      format: { case: "textFormatSource", value: { specifier: { case: "inlineString", value: line } } },
    };
  }
  const fields: JsonObject = JSONFormat === "" ? DEFAULT_FIELDS : JSON.parse(JSONFormat);
  return { format: { case: "jsonFormat", value: fields } };
}

/** The fields that Consul's users find in theirs. */
const DEFAULT_FIELDS: JsonObject = {
  start_time: "%START_TIME%",
  route_name: "%ROUTE_NAME%",
  method: "%REQ(:METHOD)%",
  path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
  protocol: "%PROTOCOL%",
  response_code: "%RESPONSE_CODE%",
  response_flags: "%RESPONSE_FLAGS%",
  response_code_details: "%RESPONSE_CODE_DETAILS%",
  connection_termination_details: "%CONNECTION_TERMINATION_DETAILS%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
  duration: "%DURATION%",
  upstream_service_time: "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
  x_forwarded_for: "%REQ(X-FORWARDED-FOR)%",
  user_agent: "%REQ(USER-AGENT)%",
  request_id: "%REQ(X-REQUEST-ID)%",
  authority: "%REQ(:AUTHORITY)%",
  upstream_host: "%UPSTREAM_HOST%",
  upstream_cluster: "%UPSTREAM_CLUSTER%",
  upstream_local_address: "%UPSTREAM_LOCAL_ADDRESS%",
  downstream_local_address: "%DOWNSTREAM_LOCAL_ADDRESS%",
  downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS%",
  requested_server_name: "%REQUESTED_SERVER_NAME%",
  upstream_transport_failure_reason: "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
};
