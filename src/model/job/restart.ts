import { boolean, duration, integer, object, string } from "../schema/builders.ts";
import { minute, second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

export const restart = object("restart", "How often a task that ends is started again in its allocation.", {
  Interval: duration("The time in which `attempts` are counted.", { default: 30 * minute, min: 5 * second }),
  Attempts: integer("How often it is started again in the interval.", { default: 2, min: 0 }),
  Delay: duration("The wait before a start.", { default: 15 * second, min: 0 }),
  Mode: string("When the attempts are used up: `fail` the allocation or `delay` until the next interval.", {
    default: "fail",
    oneOf: ["fail", "delay"],
  }),
  RenderTemplates: boolean("Write the templates anew before a start."),
});

export type RestartPolicy = Value<typeof restart>;
