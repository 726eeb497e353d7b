import { boolean, duration, integer, object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const reschedule = object(
  "reschedule",
  "How often a failed allocation is replaced by one elsewhere.",
  {
    Attempts: integer("How often in the interval.", { min: 0 }),
    Interval: duration("The time in which `attempts` are counted."),
    Delay: duration("The wait before the first replacement."),
    DelayFunction: string("How the wait grows.", { oneOf: ["constant", "exponential", "fibonacci"] }),
    MaxDelay: duration("The longest wait."),
    Unlimited: boolean("As often as it takes."),
  },
);

export type ReschedulePolicy = Value<typeof reschedule>;
