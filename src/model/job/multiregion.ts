import {
  block,
  integer,
  list,
  notInHcl,
  object,
  optional,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const regionStrategy = object("strategy", "How regions follow one another.", {
  MaxParallel: integer("How many at a time; 0 for all."),
  OnFailure: string("What happens when one fails.", { default: "", oneOf: ["", "fail_all", "fail_local"] }),
});

export const multiregionRegion = object("region", "", {
  Name: string("", { hcl: notInHcl }),
  Count: integer("The count of groups that have none.", { default: 1 }),
  Datacenters: strings("The region's datacenters."),
  NodePool: string("The region's pool of nodes."),
  Meta: stringMap("Facts of this region's job."),
});

export const multiregion = object("multiregion", "Runs the job in several regions.", {
  Strategy: optional(regionStrategy),
  Regions: list(multiregionRegion, "", { hcl: block("region", { label: "Name" }) }),
});

export type Multiregion = Value<typeof multiregion>;
