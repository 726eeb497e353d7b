import { attribute, boolean, notInHcl, object, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const periodic = object("periodic", "Runs a batch job at set times.", {
  Enabled: boolean("The times are kept.", { default: true }),
  Spec: string("", { hcl: attribute("cron"), deprecated: "`cron` is obsolete: use `crons`, a list." }),
  Specs: strings("Times in cron's notation.", { hcl: attribute("crons") }),
  SpecType: string("", { default: "cron", oneOf: ["cron"], hcl: notInHcl }),
  ProhibitOverlap: boolean("Not while the last run still goes on."),
  TimeZone: string("The time zone of the times.", { default: "UTC" }),
});

export type PeriodicConfig = Value<typeof periodic>;

export const parameterized = object("parameterized", "A batch job that is run when it is dispatched.", {
  Payload: string("Whether a payload comes with it.", {
    default: "optional",
    oneOf: ["optional", "required", "forbidden"],
  }),
  MetaRequired: strings("Facts that must be given."),
  MetaOptional: strings("Facts that may be given."),
});

export type ParameterizedJobConfig = Value<typeof parameterized>;
