import {
  boolean,
  duration,
  integer,
  list,
  map,
  object,
  optional,
  string,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";

export const subset = object("Subset", "Some of a service's instances.", {
  Filter: string('Which instances, such as `Service.Meta.version == "v2"`; all if empty.'),
  OnlyPassing: boolean("Leave out instances with a check that warns."),
});

export type Subset = Value<typeof subset>;

export const redirect = object("Redirect", "Requests go elsewhere instead.", {
  Service: string("The service; the resolver's own if not set."),
  ServiceSubset: string("One of that service's subsets."),
  Datacenter: string("The datacenter."),
  Peer: string("The peer that exports the service."),
});

export const failoverTarget = object("Failover target", "One place to go to.", {
  Service: string("The service; the resolver's own if not set."),
  ServiceSubset: string("One of that service's subsets."),
  Datacenter: string("The datacenter."),
  Peer: string("The peer that exports the service."),
});

export const failover = object("Failover", "Where requests go when no instance is healthy.", {
  Service: string("Another service."),
  ServiceSubset: string("One of that service's subsets."),
  Datacenters: strings("Other datacenters, the first first."),
  Targets: list(failoverTarget, "In place of all of the above: places in order."),
});

export type Failover = Value<typeof failover>;

export const ringHashConfig = object("RingHashConfig", "The size of the hash ring.", {
  MinimumRingSize: integer("", { min: 0, max: 8 * 1024 * 1024 }),
  MaximumRingSize: integer("", { min: 0, max: 8 * 1024 * 1024 }),
});

export const leastRequestConfig = object("LeastRequestConfig", "How instances are compared.", {
  ChoiceCount: integer("How many instances are looked at; 0 stands for 2.", { min: 0, max: 2 ** 32 - 1 }),
});

export const cookieConfig = object("CookieConfig", "The cookie that is made for a client that has none.", {
  Session: boolean("It lasts as long as the client's session."),
  TTL: duration("How long it lasts.", { min: 0 }),
  Path: string("The path that it is for."),
});

export const hashPolicy = object("HashPolicy", "What of a request decides which instance answers it.", {
  Field: string("", { oneOf: ["", "header", "cookie", "query_parameter"] }),
  FieldValue: string("The name of the header, cookie or parameter."),
  CookieConfig: optional(cookieConfig),
  SourceIP: boolean("The client's address."),
  Terminal: boolean("Where this gives a hash, what follows is not looked at."),
});

export const loadBalancer = object("LoadBalancer", "How an instance is chosen for a request.", {
  Policy: string("", { oneOf: ["", "random", "round_robin", "least_request", "ring_hash", "maglev"] }),
  RingHashConfig: optional(ringHashConfig, "With `ring_hash`."),
  LeastRequestConfig: optional(leastRequestConfig, "With `least_request`."),
  HashPolicies: list(hashPolicy, "With `ring_hash` and `maglev`."),
});

export type LoadBalancer = Value<typeof loadBalancer>;

export const serviceResolver = object("service-resolver", "Which instances answer for a service.", {
  Kind: string("", { oneOf: ["service-resolver"] }),
  Name: string("The service that is called."),
  DefaultSubset: string("The subset that answers where none is asked for; all instances if not set."),
  Subsets: map(subset, "Subsets by name."),
  Redirect: optional(redirect),
  Failover: map(failover, "By the subset that fails; `*` stands for every other."),
  ConnectTimeout: duration("How long a connection may take; 0 stands for 5s.", { min: 0 }),
  RequestTimeout: duration("How long a request may take where no route says so; 0 sets no limit.", {
    min: 0,
  }),
  LoadBalancer: optional(loadBalancer),
  Meta: meta,
});

export type ServiceResolver = Value<typeof serviceResolver>;
