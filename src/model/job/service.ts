import {
  attribute,
  block,
  boolean,
  integer,
  list,
  object,
  optional,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { check, checkRestart, updateChecks } from "./check.ts";
import { connect } from "./connect.ts";
import { identity } from "./identity.ts";

export const weights = object("weights", "The share of requests by state of health.", {
  Passing: integer("", { default: 1, zeroIsAbsent: true }),
  Warning: integer("", { default: 1, zeroIsAbsent: true }),
});

export type ServiceWeights = Value<typeof weights>;

export const service = object("service", "A name under which others find the workload, with its checks.", {
  Name: string(
    "By default `<job>-<group>` or `<job>-<group>-<task>`; `${JOB}`, `${TASKGROUP}`, `${TASK}` and `${BASE}` are replaced.",
  ),
  Tags: strings("Labels that others may select by."),
  CanaryTags: strings("Labels in place of `tags` while the allocation is a canary."),
  EnableTagOverride: boolean("Others may change the tags in the catalogue."),
  PortLabel: string("The port: a label of the group's network, or a number inside the network namespace.", {
    hcl: attribute("port"),
  }),
  AddressMode: string("Which address is registered.", {
    default: "auto",
    oneOf: ["auto", "host", "driver", "alloc", "alloc_ipv6"],
  }),
  Address: string('A fixed address to register; only with `address_mode = "auto"`.'),
  Checks: list(check, "", { hcl: block("check") }),
  CheckRestart: optional(checkRestart, "What every check of the service starts from."),
  Connect: optional(connect),
  Meta: stringMap("Facts about the instance, by name."),
  CanaryMeta: stringMap("Facts in place of `meta` while the allocation is a canary."),
  TaggedAddresses: stringMap(
    "Further addresses in the catalogue, by name: `address:port`, or an address alone.",
  ),
  TaskName: string("The task that serves, where the group has several.", { hcl: attribute("task") }),
  OnUpdate: string("How the service's checks count in a deployment.", {
    default: "require_healthy",
    oneOf: updateChecks,
  }),
  Identity: optional(identity),
  Weights: optional(weights),
  Provider: string("`consul` is the mesh's catalogue, `nomad` the plain list of services.", {
    default: "consul",
    oneOf: ["consul", "nomad"],
  }),
  Cluster: string("The catalogue, where there are several.", { default: "default" }),
  Kind: string("The kind of service in the catalogue."),
});

export type Service = Value<typeof service>;
