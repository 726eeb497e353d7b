import { duration, integer, list, object, optional, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { headerModifiers } from "./header-modifiers.ts";
import { httpMethods } from "./match-rules.ts";
import { meta } from "./meta.ts";
import { routeParent } from "./route-parent.ts";
import { retryConditions } from "./service-router.ts";
import { passiveHealthCheck, upstreamLimits } from "./upstream-config.ts";

export const pathMatch = object("http-route Path", "The path of a request.", {
  Match: string("", { default: "prefix", oneOf: ["exact", "prefix", "regex"] }),
  Value: string("The path, its beginning, or a pattern of it."),
});

export const routeHeaderMatch = object("http-route Header", "A header of a request.", {
  Match: string("", { default: "exact", oneOf: ["exact", "prefix", "suffix", "present", "regex"] }),
  Name: string("The header's name."),
  Value: string("What is looked for in its value."),
});

export const routeQueryMatch = object("http-route Query", "A query parameter of a request.", {
  Match: string("", { default: "exact", oneOf: ["exact", "present", "regex"] }),
  Name: string("The parameter's name."),
  Value: string("What is looked for in its value."),
});

export const httpRouteMatch = object("http-route Match", "All that is given must hold.", {
  Path: optional(pathMatch),
  Method: string("The method; any if not set.", { oneOf: ["", ...httpMethods] }),
  Headers: list(routeHeaderMatch, "Headers, all of which must match."),
  Query: list(routeQueryMatch, "Query parameters, all of which must match."),
});

export const urlRewrite = object("URLRewrite", "What the path becomes.", {
  Path: string("What stands for the matched path, or its matched beginning, on the way on."),
});

export const retryFilter = object("RetryFilter", "When a request is tried again.", {
  NumRetries: integer("How often.", { min: 0, max: 1000 }),
  RetryOn: list(string("", { oneOf: retryConditions }), "What counts as a failure."),
  RetryOnStatusCodes: list(integer("", { min: 0, max: 2 ** 31 }), "Statuses that count as a failure."),
  RetryOnConnectFailure: optional({ kind: "boolean", doc: "Try again where no connection was made." }),
});

export const timeoutFilter = object("TimeoutFilter", "How long a request may take.", {
  RequestTimeout: duration("The whole request, with its retries.", { min: 0 }),
  IdleTimeout: duration("How long nothing may move; negative for no limit."),
});

export const routeFilters = object("http-route Filters", "Changes to requests, and rules for them.", {
  Headers: list(headerModifiers, "Changes to headers."),
  URLRewrite: optional(urlRewrite),
  RetryFilter: optional(retryFilter),
  TimeoutFilter: optional(timeoutFilter),
});

export const routeResponseFilters = object("http-route ResponseFilters", "Changes to responses.", {
  Headers: list(headerModifiers, "Changes to headers."),
});

export const httpRouteService = object("http-route service", "A service that requests go to.", {
  Name: string("The service."),
  Weight: integer("Its share among the others.", { default: 1, min: 0, max: 2 ** 31, zeroIsAbsent: true }),
  Filters: optional(routeFilters),
  ResponseFilters: optional(routeResponseFilters),
  Limits: optional(upstreamLimits),
  PassiveHealthCheck: optional(passiveHealthCheck),
});

export const httpRouteRule = object("http-route rule", "Some requests, and where they go.", {
  Filters: optional(routeFilters),
  ResponseFilters: optional(routeResponseFilters),
  Matches: list(httpRouteMatch, "Any of which makes the rule hold; all requests if there is none."),
  Services: list(httpRouteService, "Where they go."),
});

export type HttpRouteRule = Value<typeof httpRouteRule>;

export const httpRoute = object(
  "http-route",
  "Sends the requests of an API gateway's listener to services.",
  {
    Kind: string("", { oneOf: ["http-route"] }),
    Name: string(""),
    Parents: list(routeParent, "The gateways that it is for."),
    Hostnames: strings("The hosts that it is for; those of the listener if there is none."),
    Rules: list(httpRouteRule, "The longest path goes first, then more headers, then more query parameters."),
    Meta: meta,
  },
);

export type HttpRoute = Value<typeof httpRoute>;
