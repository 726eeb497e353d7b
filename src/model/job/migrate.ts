import { duration, integer, object, string } from "../schema/builders.ts";
import { minute, second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

export const migrate = object("migrate", "How allocations leave a node that is drained.", {
  MaxParallel: integer("How many at a time.", { default: 1, min: 0 }),
  HealthCheck: string("What makes the replacement healthy.", {
    default: "checks",
    oneOf: ["checks", "task_states"],
  }),
  MinHealthyTime: duration("How long it must stay healthy.", { default: 10 * second }),
  HealthyDeadline: duration("By when it must be healthy.", { default: 5 * minute }),
});

export type MigrateStrategy = Value<typeof migrate>;
