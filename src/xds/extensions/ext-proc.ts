import { boolean, duration, object, optional, string } from "#model/schema/builders.ts";
import { anyFromJson } from "../envoy-json.ts";
import { extension } from "./extension.ts";
import { addHttpFilter } from "./http-filters.ts";
import { grpcService, grpcServiceJson, targetCluster, targetRules } from "./service-target.ts";

const headerModes = ["", "DEFAULT", "SEND", "SKIP"] as const;
const bodyModes = ["", "NONE", "STREAMED", "BUFFERED", "BUFFERED_PARTIAL"] as const;

const processingMode = object("ProcessingMode", "What the server is sent.", {
  RequestHeaderMode: string("", { oneOf: headerModes }),
  ResponseHeaderMode: string("", { oneOf: headerModes }),
  RequestBodyMode: string("", { oneOf: bodyModes }),
  ResponseBodyMode: string("", { oneOf: bodyModes }),
  RequestTrailerMode: string("", { oneOf: headerModes }),
  ResponseTrailerMode: string("", { oneOf: headerModes }),
});

const schema = object("builtin/ext-proc", "A server sees and changes each request and answer.", {
  ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy", "api-gateway"] }),
  ListenerType: string("", { default: "inbound", oneOf: ["inbound", "outbound"] }),
  Config: object("Config", "Who is asked, and about what.", {
    GrpcService: grpcService,
    ProcessingMode: optional(processingMode),
    FailureModeAllow: boolean("Let requests pass when the server does not answer."),
    MessageTimeout: optional(duration(""), "How long one answer may take; 200ms if not set."),
    StatPrefix: string(""),
  }),
});

const CLUSTER = "local_ext_proc";

export const extProc = extension({
  schema,
  rules: targetRules,
  apply: (resources, { Config, ListenerType }, context) => {
    const { name, added } = targetCluster(Config.GrpcService.Target, CLUSTER, true, context);
    const modes = Object.entries(Config.ProcessingMode ?? {}).filter(([, mode]) => mode !== "");
    const filter = anyFromJson("envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor", {
      grpc_service: grpcServiceJson(Config.GrpcService, name),
      failure_mode_allow: Config.FailureModeAllow,
      ...(Config.StatPrefix !== "" && { stat_prefix: Config.StatPrefix }),
      ...(Config.MessageTimeout !== null && { message_timeout: `${Config.MessageTimeout / 1e9}s` }),
      processing_mode: Object.fromEntries(modes.map(([key, mode]) => [snakeCase(key), mode])),
    });
    return [...addHttpFilter(resources, ListenerType, "envoy.filters.http.ext_proc", filter), ...added];
  },
});

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
