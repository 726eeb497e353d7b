import { object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const consul = object("consul", "Which catalogue the services of the group or task go to.", {
  Namespace: string("The catalogue's namespace."),
  Cluster: string("Which catalogue.", { default: "default" }),
  Partition: string("The catalogue's partition."),
});

export type Consul = Value<typeof consul>;
