import { integer, list, number, object, optional, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";
import { protocols } from "./protocol.ts";
import { settingsOfProxies } from "./proxy-settings.ts";
import { upstreamConfig } from "./upstream-config.ts";

export const destination = object("Destination", "The service is outside of the mesh, at these addresses.", {
  Addresses: strings("IP addresses or host names."),
  Port: integer("", { min: 0, max: 65535 }),
});

export const routeRateLimit = object("RateLimits Route", "A limit for the requests to some paths.", {
  PathExact: string("The whole path."),
  PathPrefix: string("The beginning of the path."),
  PathRegex: string("A pattern of the whole path, in RE2's syntax."),
  RequestsPerSecond: number("Requests that one instance takes a second.", { min: 0, max: 2 ** 31 }),
  RequestsMaxBurst: integer("How many more may come at once.", { min: 0, max: 2 ** 31 }),
});

export const instanceRateLimit = object("RateLimits InstanceLevel", "A limit for each instance.", {
  RequestsPerSecond: number("Requests that one instance takes a second.", { min: 0, max: 2 ** 31 }),
  RequestsMaxBurst: integer("How many more may come at once.", { min: 0, max: 2 ** 31 }),
  Routes: list(routeRateLimit, "Limits for single paths; the first that matches holds."),
});

export const rateLimits = object(
  "RateLimits",
  "How many requests are let in; others are answered with 429.",
  {
    InstanceLevel: optional(instanceRateLimit),
  },
);

export type RateLimits = Value<typeof rateLimits>;

export const serviceDefaults = object("service-defaults", "What holds for every instance of one service.", {
  Kind: string("", { oneOf: ["service-defaults"] }),
  Name: string("The service; `*` is not allowed."),
  Protocol: string(
    "What the service speaks; if not set, what proxy-defaults says, and `tcp` otherwise. All but `tcp` let requests be routed and ruled one by one.",
    { oneOf: ["", ...protocols] },
  ),
  ...settingsOfProxies,
  ExternalSNI: string("The server name of a service outside that speaks TLS."),
  UpstreamConfig: optional(upstreamConfig),
  Destination: optional(destination),
  MaxInboundConnections: integer("The most connections to one instance; 0 sets no limit.", {
    min: 0,
    max: 2 ** 31,
  }),
  LocalConnectTimeoutMs: integer("How long the proxy tries to connect to its task; 0 stands for 5000.", {
    min: 0,
    max: 2 ** 31,
  }),
  LocalRequestTimeoutMs: optional(
    integer("", { min: 0, max: 2 ** 31 }),
    "How long a task may take for an answer; 0 sets no limit.",
  ),
  BalanceInboundConnections: string("`exact_balance` shares connections evenly among Envoy's threads.", {
    oneOf: ["", "exact_balance"],
  }),
  RateLimits: optional(rateLimits),
  MaxRequestHeadersKB: optional(
    integer("", { min: 1, max: 8192 }),
    "The most that a request's headers may take, in KiB. 60 if not set.",
  ),
  Meta: meta,
});

export type ServiceDefaults = Value<typeof serviceDefaults>;
