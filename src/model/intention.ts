import { permission, sourceIntention } from "./config-entry/service-intentions.ts";
import { list, object, string, stringMap } from "./schema/builders.ts";
import type { Value } from "./schema/schema.ts";

/**
 * One intention as the routes of `/v1/connect/intentions` take it: one source of a `service-intentions` entry.
 * What is computed may be sent back, and is not read.
 */
export const writtenIntention = object("intention", "Whether a service may reach another.", {
  ID: string("Of an intention of the older interface."),
  SourceName: string("A service, or `*` for every service."),
  SourceNS: string("Always `default`.", { default: "default", oneOf: ["default"] }),
  SourcePartition: string("Always `default`."),
  SourcePeer: string("The peer that it is a service of."),
  SourceType: sourceIntention.fields.Type,
  DestinationName: string("A service, or `*` for every service."),
  DestinationNS: string("Always `default`.", { default: "default", oneOf: ["default"] }),
  DestinationPartition: string("Always `default`."),
  Action: string("`allow` or `deny`."),
  Permissions: list(permission, "For single requests."),
  Description: sourceIntention.fields.Description,
  Meta: stringMap("Facts for people and programs."),
  Precedence: sourceIntention.fields.Precedence,
  CreatedAt: string("When it was created."),
  UpdatedAt: string("When it was last changed."),
});

export type WrittenIntention = Value<typeof writtenIntention>;
