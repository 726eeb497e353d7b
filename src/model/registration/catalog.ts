import { boolean, list, object, optional, string, stringMap } from "../schema/builders.ts";
import { rule } from "../schema/check.ts";
import { checkRegistration } from "./check.ts";
import { serviceRegistration } from "./service.ts";

/** What `PUT /v1/catalog/register` and `deregister` take: a node that no agent of ours runs on, and what is there. */

const catalogCheck = object("catalog check", "The status of a node or service, as its author knows it.", {
  Node: string("By default the registration's."),
  CheckID: string("By default its name."),
  Name: string(""),
  Status: string("", { default: "critical", oneOf: ["passing", "warning", "critical"] }),
  Notes: string(""),
  Output: string("", { maxLength: 4096 }),
  ServiceID: string("The service that it is of; by default the node."),
  ServiceName: string(""),
  Type: string(""),
  Definition: optional(checkRegistration),
});

export const catalogRegistration = object("catalog registration", "A node with a service and checks.", {
  ID: string("The node's id."),
  Node: string("The node's name."),
  Address: string("Where the node is reached."),
  TaggedAddresses: stringMap("Further addresses, by name."),
  NodeMeta: stringMap("Facts about the node."),
  Datacenter: string("Only the own one."),
  Service: optional(serviceRegistration),
  Check: optional(catalogCheck),
  Checks: list(catalogCheck, ""),
  SkipNodeUpdate: boolean("Leave the node as it is."),
});

export const catalogDeregistration = object("catalog deregistration", "What to take away.", {
  Node: string("The node's name."),
  Datacenter: string("Only the own one."),
  ServiceID: string("Only this service."),
  CheckID: string("Only this check."),
});

export const catalogRules = [
  rule(
    catalogRegistration,
    "Node",
    ({ Node, Address }) => (Node === "" || Address === "") && "Must provide node and address.",
  ),
  rule(catalogDeregistration, "Node", ({ Node }) => Node === "" && "Must provide node."),
];
