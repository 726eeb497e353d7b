import { object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const consul = object("consul", "Which catalogue the services of the group or task go to.", {
  Namespace: string("The catalogue's namespace.", { inert: "The catalogue has no namespaces of its own." }),
  Cluster: string("Which catalogue.", { default: "default" }),
  Partition: string("The catalogue's partition.", { inert: "There are no partitions." }),
});

export type Consul = Value<typeof consul>;
