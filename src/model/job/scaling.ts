import {
  attribute,
  boolean,
  filled,
  integer,
  notInHcl,
  object,
  opaqueMap,
  optional,
  string,
  stringMap,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const scaling = object(
  "scaling",
  "Between which counts the group may be scaled, and by what policy.",
  {
    Min: optional(integer("The least count.", { min: 0 })),
    Max: optional(integer("The greatest count.", { min: 0 })),
    Policy: opaqueMap("The policy, for an autoscaler to read."),
    Enabled: boolean("The policy is followed.", { default: true }),
    Type: string("", {
      default: "horizontal",
      oneOf: ["horizontal", "vertical_cpu", "vertical_mem"],
      hcl: attribute(undefined, filled),
    }),
    ID: string("", { hcl: notInHcl }),
    Namespace: string("", { hcl: notInHcl }),
    Target: stringMap("", { hcl: notInHcl }),
    CreateIndex: integer("", { hcl: notInHcl }),
    ModifyIndex: integer("", { hcl: notInHcl }),
  },
);

export type ScalingPolicy = Value<typeof scaling>;
