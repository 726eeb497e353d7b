import { boolean, integer, list, object, optional, string, strings } from "#model/schema/builders.ts";
import { rule } from "#model/schema/check.ts";
import type { Value } from "#model/schema/schema.ts";
import { anyFromJson } from "../envoy-json.ts";
import type { Resource } from "../resource.ts";
import { type ExtensionContext, extension } from "./extension.ts";
import { addHttpFilter, addNetworkFilter } from "./http-filters.ts";
import { grpcService, grpcServiceJson, target, targetCluster, targetRules } from "./service-target.ts";

const header = object("HeadersToAdd", "A header.", { Key: string(""), Value: string("") });

const matcher = object("StringMatcher", "A name, by one of these.", {
  Exact: string(""),
  Prefix: string(""),
  Suffix: string(""),
  Contains: string(""),
  IgnoreCase: boolean(""),
});

const httpService = object("HttpService", "A server that speaks HTTP.", {
  Target: target,
  PathPrefix: string("What stands before the request's own path."),
  AuthorizationRequest: optional(
    object("AuthorizationRequest", "What it is sent.", {
      AllowedHeaders: list(matcher, "Headers of the request that it sees."),
      HeadersToAdd: list(header, "Further headers."),
    }),
  ),
  AuthorizationResponse: optional(
    object("AuthorizationResponse", "What of its answer goes on.", {
      AllowedUpstreamHeaders: list(matcher, "Headers that the task sees."),
      AllowedUpstreamHeadersToAppend: list(matcher, "Headers that are added for the task."),
      AllowedClientHeaders: list(matcher, "Headers that the client of a refused request sees."),
      AllowedClientHeadersOnSuccess: list(matcher, "Headers that the client of an allowed request sees."),
      DynamicMetadataFromHeaders: list(matcher, "Headers that other filters see."),
    }),
  ),
});

const config = object("Config", "Who is asked, and what happens then.", {
  ClearRouteCache: boolean("Choose the route anew by what the server changed."),
  FailureModeAllow: boolean("Let requests in when the server does not answer."),
  FailureModeAllowHeaderAdd: boolean("And say so in a header."),
  GrpcService: optional(grpcService),
  HttpService: optional(httpService),
  IncludePeerCertificate: boolean("Send the caller's certificate."),
  MetadataContextNamespaces: strings("What other filters know, to be sent."),
  BootstrapMetadataLabelsKey: string(""),
  StatPrefix: string("", { default: "response" }),
  StatusOnError: integer("The status when the server does not answer; 403 if not set."),
  WithRequestBody: optional(
    object("WithRequestBody", "Send the request's body too.", {
      MaxRequestBytes: integer("The most of it."),
      AllowPartialMessage: boolean("Send the beginning of a longer one."),
      PackAsBytes: boolean(""),
    }),
  ),
});

const schema = object("builtin/ext-authz", "A server decides on each request or connection.", {
  ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy", "api-gateway"] }),
  ListenerType: string("", { default: "inbound", oneOf: ["inbound", "outbound"] }),
  Config: config,
});

const CLUSTER = "local_ext_authz";

const rules = [
  ...targetRules,
  rule(
    config,
    null,
    ({ GrpcService, HttpService }) =>
      (GrpcService === null) === (HttpService === null) && "Give one of GrpcService and HttpService.",
  ),
];

type Arguments = Value<typeof schema>;

function guarded(
  resources: readonly Resource[],
  { Config, ListenerType }: Arguments,
  context: ExtensionContext,
) {
  const { GrpcService: grpc, HttpService: http } = Config;
  const { name, added } = targetCluster((grpc ?? http)?.Target ?? noTarget, CLUSTER, grpc !== null, context);
  const filter = anyFromJson("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz", {
    ...common(Config),
    ...(grpc && { grpc_service: grpcServiceJson(grpc, name) }),
    ...(http && { http_service: httpServiceJson(http, name) }),
  });
  const requests = addHttpFilter(resources, ListenerType, "envoy.filters.http.ext_authz", filter);
  if (grpc === null) return [...requests, ...added];
  const network = anyFromJson("envoy.extensions.filters.network.ext_authz.v3.ExtAuthz", {
    stat_prefix: Config.StatPrefix,
    failure_mode_allow: Config.FailureModeAllow,
    include_peer_certificate: Config.IncludePeerCertificate,
    transport_api_version: "V3",
    grpc_service: grpcServiceJson(grpc, name),
  });
  return [...addNetworkFilter(requests, ListenerType, "envoy.filters.network.ext_authz", network), ...added];
}

export const extAuthz = extension({ schema, rules, apply: guarded });

const noTarget = { Service: null, URI: "", Timeout: 0 };

function common(settings: Value<typeof config>) {
  const body = settings.WithRequestBody;
  return {
    transport_api_version: "V3",
    stat_prefix: settings.StatPrefix,
    clear_route_cache: settings.ClearRouteCache,
    failure_mode_allow: settings.FailureModeAllow,
    failure_mode_allow_header_add: settings.FailureModeAllowHeaderAdd,
    include_peer_certificate: settings.IncludePeerCertificate,
    metadata_context_namespaces: settings.MetadataContextNamespaces,
    ...(settings.BootstrapMetadataLabelsKey !== "" && {
      bootstrap_metadata_labels_key: settings.BootstrapMetadataLabelsKey,
    }),
    ...(settings.StatusOnError !== 0 && { status_on_error: { code: settings.StatusOnError } }),
    ...(body && {
      with_request_body: {
        max_request_bytes: body.MaxRequestBytes,
        allow_partial_message: body.AllowPartialMessage,
        pack_as_bytes: body.PackAsBytes,
      },
    }),
  };
}

function httpServiceJson(http: Value<typeof httpService>, cluster: string) {
  const { Target: server, PathPrefix, AuthorizationRequest: request, AuthorizationResponse: response } = http;
  return {
    server_uri: { uri: `http://${cluster}`, cluster, timeout: `${(server.Timeout || 1e9) / 1e9}s` },
    path_prefix: PathPrefix,
    ...(request && {
      authorization_request: {
        ...(request.AllowedHeaders.length > 0 && { allowed_headers: patterns(request.AllowedHeaders) }),
        headers_to_add: request.HeadersToAdd.map(({ Key, Value }) => ({ key: Key, value: Value })),
      },
    }),
    ...(response && {
      authorization_response: Object.fromEntries(
        Object.entries({
          allowed_upstream_headers: response.AllowedUpstreamHeaders,
          allowed_upstream_headers_to_append: response.AllowedUpstreamHeadersToAppend,
          allowed_client_headers: response.AllowedClientHeaders,
          allowed_client_headers_on_success: response.AllowedClientHeadersOnSuccess,
          dynamic_metadata_from_headers: response.DynamicMetadataFromHeaders,
        })
          .filter(([, matchers]) => matchers.length > 0)
          .map(([key, matchers]) => [key, patterns(matchers)]),
      ),
    }),
  };
}

function patterns(matchers: readonly Value<typeof matcher>[]) {
  return {
    patterns: matchers.map(({ Exact, Prefix, Suffix, Contains, IgnoreCase }) => ({
      ...(Exact !== "" && { exact: Exact }),
      ...(Prefix !== "" && { prefix: Prefix }),
      ...(Suffix !== "" && { suffix: Suffix }),
      ...(Contains !== "" && { contains: Contains }),
      ignore_case: IgnoreCase,
    })),
  };
}
