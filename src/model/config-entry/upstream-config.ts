import { duration, integer, list, object, optional, string } from "../schema/builders.ts";
import { second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";
import { protocols } from "./protocol.ts";
import { meshGateway } from "./proxy-settings.ts";

const mostConnections = 2 ** 32 - 1;

export const upstreamLimits = object("Limits", "What one proxy asks of a service at a time.", {
  MaxConnections: optional(integer("", { min: 0, max: mostConnections }), "Connections."),
  MaxPendingRequests: optional(integer("", { min: 0, max: mostConnections }), "Requests that wait for one."),
  MaxConcurrentRequests: optional(integer("", { min: 0, max: mostConnections }), "Requests under way."),
});

export type UpstreamLimits = Value<typeof upstreamLimits>;

const percent = { min: 0, max: 100 } as const;

export const passiveHealthCheck = object(
  "PassiveHealthCheck",
  "Instances that answer with failures are left out for a while (Envoy's outlier detection).",
  {
    Interval: duration("How often instances are judged.", {
      default: 10 * second,
      min: 0,
      zeroIsAbsent: true,
    }),
    MaxFailures: integer("Failures in a row that make an instance be left out; 0 stands for 5.", {
      min: 0,
      max: mostConnections,
    }),
    EnforcingConsecutive5xx: optional(
      integer("", percent),
      "The chance, in percent, that it is. 100 if not set.",
    ),
    MaxEjectionPercent: optional(
      integer("", percent),
      "The most instances left out, in percent. 10 if not set.",
    ),
    BaseEjectionTime: optional(
      duration("", { min: 0 }),
      "How long the first time; longer each time. 30s if not set.",
    ),
    Consecutive5xx: optional(integer("", { min: 0, max: mostConnections }), "Answers 5xx in a row that do."),
    ConsecutiveGatewayFailure: optional(
      integer("", { min: 0, max: mostConnections }),
      "Answers 502, 503 or 504 in a row that do.",
    ),
    EnforcingConsecutiveGatewayFailure: optional(integer("", percent), "The chance, in percent, that it is."),
  },
);

export type PassiveHealthCheck = Value<typeof passiveHealthCheck>;

const settings = {
  EnvoyListenerJSON: string("A listener in place of the computed one, as JSON."),
  EnvoyClusterJSON: string("A cluster in place of the computed one, as JSON."),
  Protocol: string("What the upstream speaks, in place of its own defaults.", { oneOf: ["", ...protocols] }),
  ConnectTimeoutMs: integer("How long a connection may take; 0 stands for 5000.", { min: 0, max: 2 ** 31 }),
  Limits: optional(upstreamLimits),
  PassiveHealthCheck: optional(passiveHealthCheck),
  MeshGateway: optional(meshGateway),
  BalanceOutboundConnections: string("`exact_balance` shares connections evenly among Envoy's threads.", {
    oneOf: ["", "exact_balance"],
  }),
};

export const upstreamDefaults = object(
  "UpstreamConfig Defaults",
  "How the service's proxies reach any upstream.",
  { ...settings, Name: string("Not allowed here."), Peer: string("Not allowed here.") },
);

export const upstreamOverride = object(
  "UpstreamConfig Overrides",
  "How the service's proxies reach one upstream; what is set here goes before the defaults.",
  {
    Name: string("The upstream; `*` is not allowed."),
    Peer: string("The peer that exports it."),
    ...settings,
  },
);

export type UpstreamSettings = Value<typeof upstreamDefaults>;

export const upstreamConfig = object("UpstreamConfig", "How the service's own proxies reach others.", {
  Defaults: optional(upstreamDefaults),
  Overrides: list(upstreamOverride, "Each for one upstream."),
});

export type UpstreamConfig = Value<typeof upstreamConfig>;
