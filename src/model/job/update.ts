import { boolean, duration, integer, object, string } from "../schema/builders.ts";
import { minute, second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

export const healthChecks = ["checks", "task_states", "manual"] as const;

export const update = object("update", "How a new version of the job takes the place of the old one.", {
  Stagger: duration("The wait between the nodes of a system job.", { default: 30 * second }),
  MaxParallel: integer("How many allocations are replaced at a time; 0 replaces all at once.", {
    default: 1,
    min: 0,
  }),
  HealthCheck: string("What makes an allocation healthy.", { default: "checks", oneOf: healthChecks }),
  MinHealthyTime: duration("How long it must stay healthy.", { default: 10 * second, min: 0 }),
  HealthyDeadline: duration("By when it must be healthy.", { default: 5 * minute }),
  ProgressDeadline: duration("By when the next allocation must be healthy; 0 waits for ever.", {
    default: 10 * minute,
    min: 0,
  }),
  Canary: integer("How many new allocations are tried beside the old ones first.", { min: 0 }),
  AutoRevert: boolean("Go back to the last good version when it fails."),
  AutoPromote: boolean("Go on without being told once all canaries are healthy."),
});

export type UpdateStrategy = Value<typeof update>;
