import { defaults, everyProxy, meshEntry, resolver, route, router, splitter } from "./entries.ts";
import type { Scene } from "./scene.ts";

const api = (...entries: NonNullable<Scene["entries"]>): Scene => ({
  entries: [defaults("api"), ...entries],
});

/** A scene, and the proxy whose whole outcome is kept in a file that people read. */
export interface WholeProxy extends Scene {
  /** That of web by default. */
  readonly of?: string;
}

export const wholeProxies: Readonly<Record<string, WholeProxy>> = {
  "tcp with nothing said": {},
  "http with nothing said": api(defaults("web")),
  "grpc both ways": {
    entries: [defaults("web", { Protocol: "grpc" }), defaults("api", { Protocol: "grpc" })],
  },
  "router splitter and resolver": api(
    router("api", route({ PathPrefix: "/v2", Methods: ["GET"] }, { ServiceSubset: "v2", NumRetries: 2 })),
    splitter("api", { Weight: 90, ServiceSubset: "v1" }, { Weight: 10, ServiceSubset: "v2" }),
    resolver("api", {
      Subsets: {
        v1: { Filter: "Service.Meta.version == 1" },
        v2: { Filter: "Service.Meta.version == 2" },
      },
      LoadBalancer: { Policy: "maglev", HashPolicies: [{ Field: "header", FieldValue: "x-user" }] },
    }),
  ),
  "failover to another service": api(
    defaults("db"),
    resolver("api", { Failover: { "*": { Service: "db" } }, ConnectTimeout: "2s" }),
  ),
  "limits and health checks of upstreams": api(
    defaults("web", {
      UpstreamConfig: {
        Defaults: { Limits: { MaxConnections: 3 }, ConnectTimeoutMs: 1500 },
        Overrides: [{ Name: "db", PassiveHealthCheck: { Interval: "5s", MaxFailures: 3 } }],
      },
    }),
  ),
  "limits and timeouts of the task": api(
    defaults("web", {
      MaxInboundConnections: 10,
      LocalConnectTimeoutMs: 700,
      LocalRequestTimeoutMs: 900,
      BalanceInboundConnections: "exact_balance",
      MaxRequestHeadersKB: 96,
      RateLimits: {
        InstanceLevel: {
          RequestsPerSecond: 100,
          RequestsMaxBurst: 200,
          Routes: [{ PathPrefix: "/slow", RequestsPerSecond: 0.5 }],
        },
      },
    }),
  ),
  "time for routes and endpoints": api(everyProxy({ Config: { xds_fetch_timeout_ms: 7000 } })),
  "TLS of the mesh and normalization of requests": api(
    defaults("web"),
    meshEntry({
      TLS: {
        Incoming: { TLSMinVersion: "TLSv1_2", CipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] },
        Outgoing: { TLSMaxVersion: "TLSv1_2" },
      },
      HTTP: {
        SanitizeXForwardedClientCert: true,
        Incoming: {
          RequestNormalization: { MergeSlashes: true, PathWithEscapedSlashesAction: "REJECT_REQUEST" },
        },
      },
    }),
  ),
  "access logs": api(
    defaults("web"),
    everyProxy({ AccessLogs: { Enabled: true, Type: "file", Path: "/tmp/access.log" } }),
  ),
  "transparent proxy": {
    entries: [defaults("web", { Mode: "transparent" }), defaults("api"), defaults("db")],
  },
  "plain connections beside those of the mesh": api(
    defaults("web", { MutualTLSMode: "permissive" }),
    meshEntry({ AllowEnablingPermissiveMutualTLS: true }),
  ),
  "exposed paths": api(
    defaults("web", {
      Protocol: "http",
      Expose: {
        Paths: [
          { Path: "/health", LocalPathPort: 8080, ListenerPort: 21500 },
          { Path: "/metrics", LocalPathPort: 9090, ListenerPort: 21501, Protocol: "http2" },
        ],
      },
    }),
  ),
  "instances dialled directly": {
    entries: [
      defaults("web", { Mode: "transparent" }),
      defaults("api", { TransparentProxy: { DialedDirectly: true } }),
    ],
  },
  "a function of AWS Lambda": {
    entries: [
      defaults("api", {
        EnvoyExtensions: [
          {
            Name: "builtin/aws/lambda",
            Arguments: { ARN: "arn:aws:lambda:eu-west-1:111111111111:function:api" },
          },
        ],
      }),
    ],
  },
  "an ingress gateway": {
    of: "edge-1",
    entries: [
      defaults("api"),
      splitter("api", { Weight: 50, Service: "api" }, { Weight: 50, ServiceSubset: "v2" }),
      resolver("api", { Subsets: { v2: { Filter: "Service.Meta.version == 2" } } }),
      {
        ...{ Kind: "ingress-gateway", Name: "edge", TLS: { Enabled: true, TLSMinVersion: "TLSv1_2" } },
        Defaults: { MaxConnections: 100 },
        Listeners: [
          {
            ...{ Port: 8080, Protocol: "http" },
            Services: [{ Name: "api", Hosts: ["api.example"], RequestHeaders: { Add: { "x-edge": "1" } } }],
          },
          { Port: 9090, Protocol: "tcp", Services: [{ Name: "db" }] },
        ],
      },
    ],
  },
  "an API gateway": {
    of: "door-1",
    entries: [
      defaults("api"),
      {
        ...{ Kind: "api-gateway", Name: "door" },
        Listeners: [
          { Name: "http", Port: 8080, Protocol: "http", Hostname: "*.example" },
          { Name: "tcp", Port: 9090, Protocol: "tcp" },
        ],
      },
      {
        ...{ Kind: "http-route", Name: "orders", Parents: [{ Name: "door", SectionName: "http" }] },
        Rules: [
          {
            Matches: [{ Path: { Match: "prefix", Value: "/orders" }, Method: "GET" }],
            Filters: { URLRewrite: { Path: "/" }, TimeoutFilter: { RequestTimeout: "3s" } },
            Services: [{ Name: "api" }],
          },
        ],
      },
      {
        ...{ Kind: "tcp-route", Name: "db", Parents: [{ Name: "door", SectionName: "tcp" }] },
        Services: [{ Name: "db" }],
      },
    ],
  },
  "a terminating gateway": {
    of: "out-1",
    entries: [
      defaults("shop"),
      {
        ...{ Kind: "terminating-gateway", Name: "out" },
        Services: [{ Name: "shop", CAFile: "/etc/ssl/certs/ca-certificates.crt", SNI: "shop.example" }],
      },
      { Kind: "service-intentions", Name: "shop", Sources: [{ Name: "web", Action: "allow" }] },
    ],
  },
  "extensions of Envoy": api(
    defaults("web", {
      EnvoyExtensions: [
        { Name: "builtin/lua", Arguments: { Script: "function envoy_on_request(handle) end" } },
        {
          Name: "builtin/ext-authz",
          Arguments: { Config: { GrpcService: { Target: { URI: "localhost:9191" } } } },
        },
        {
          Name: "builtin/property-override",
          Arguments: {
            Patches: [
              {
                ResourceFilter: { ResourceType: "cluster", TrafficDirection: "outbound" },
                Op: "add",
                Path: "/upstream_connection_options/tcp_keepalive/keepalive_probes",
                Value: 5,
              },
            ],
          },
        },
      ],
    }),
  ),
};
