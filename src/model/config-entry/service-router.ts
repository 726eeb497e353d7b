import { boolean, duration, integer, list, object, optional, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { headerModifiers } from "./header-modifiers.ts";
import { meta } from "./meta.ts";

export const headerMatch = object("Header", "A header that a request must have. Exactly one way to match.", {
  Name: string("The header's name."),
  Present: boolean("It is there, whatever it says."),
  Exact: string("Its whole value."),
  Prefix: string("The beginning of its value."),
  Suffix: string("The end of its value."),
  Regex: string("A pattern of its whole value, in RE2's syntax."),
  Invert: boolean("Match where this does not hold."),
});

export const queryMatch = object("QueryParam", "A query parameter that a request must have.", {
  Name: string("The parameter's name."),
  Present: boolean("It is there, whatever it says."),
  Exact: string("Its whole value."),
  Regex: string("A pattern of its whole value, in RE2's syntax."),
});

export const httpMatch = object("Match HTTP", "All that is given must hold.", {
  PathExact: string("The whole path."),
  PathPrefix: string("The beginning of the path."),
  PathRegex: string("A pattern of the whole path, in RE2's syntax."),
  CaseInsensitive: boolean("Paths match in upper and lower case."),
  Header: list(headerMatch, "Headers, all of which must match."),
  QueryParam: list(queryMatch, "Query parameters, all of which must match."),
  Methods: strings("The methods, any of which matches."),
});

export type HttpMatch = Value<typeof httpMatch>;

export const routeMatch = object("Match", "Which requests.", { HTTP: optional(httpMatch) });

export const retryConditions = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "envoy-ratelimited",
  "retriable-4xx",
  "refused-stream",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
] as const;

export const routeDestination = object("Destination of a route", "Where a request goes, and how.", {
  Service: string("The service; the router's own if not set."),
  ServiceSubset: string("One of its subsets, as its resolver names them."),
  PrefixRewrite: string("What stands for the matched path, or its matched beginning, on the way on."),
  RequestTimeout: duration("How long the whole request may take, with its retries.", { min: 0 }),
  IdleTimeout: duration("How long nothing may move; negative for no limit."),
  NumRetries: integer("How often a request that failed is tried again.", { min: 0, max: 1000 }),
  RetryOnConnectFailure: boolean("Try again where no connection was made."),
  RetryOn: list(string("", { oneOf: retryConditions }), "What counts as a failure."),
  RetryOnStatusCodes: list(integer("", { min: 0, max: 2 ** 31 }), "Statuses that count as a failure."),
  RequestHeaders: optional(headerModifiers, "Changes to requests."),
  ResponseHeaders: optional(headerModifiers, "Changes to responses."),
});

export type RouteDestination = Value<typeof routeDestination>;

export const serviceRoute = object("Route", "Some requests, and where they go.", {
  Match: optional(routeMatch, "Which requests; all if not set."),
  Destination: optional(routeDestination, "Where they go; to the router's own service if not set."),
});

export type ServiceRoute = Value<typeof serviceRoute>;

export const serviceRouter = object("service-router", "Sends single requests to a service different ways.", {
  Kind: string("", { oneOf: ["service-router"] }),
  Name: string("The service that is called."),
  Routes: list(
    serviceRoute,
    "The first that matches a request decides; what matches none goes to the service itself.",
  ),
  Meta: meta,
});

export type ServiceRouter = Value<typeof serviceRouter>;
