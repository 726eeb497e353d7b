import { object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const routeParent = object("Parent", "A gateway that a route is for.", {
  Kind: string("", { default: "api-gateway", oneOf: ["api-gateway"] }),
  Name: string("The gateway."),
  SectionName: string("One of its listeners, by name; all of them if not set."),
});

export type RouteParent = Value<typeof routeParent>;
