import { boolean, object, string } from "./schema/builders.ts";
import type { Value } from "./schema/schema.ts";

const preemption = object(
  "preemption",
  "For which kinds of jobs others of lower priority have to give way.",
  {
    SystemSchedulerEnabled: boolean("For system jobs.", { default: true }),
    SysBatchSchedulerEnabled: boolean("For sysbatch jobs."),
    BatchSchedulerEnabled: boolean("For batch jobs."),
    ServiceSchedulerEnabled: boolean("For service jobs."),
  },
);

/** How the scheduler decides, for the whole cluster. Field names are those of Nomad's API. */
export const schedulerConfiguration = object("scheduler configuration", "How the scheduler decides.", {
  SchedulerAlgorithm: string("Whether nodes are filled one after the other or all alike.", {
    default: "binpack",
    oneOf: ["binpack", "spread"],
  }),
  PreemptionConfig: preemption,
  MemoryOversubscriptionEnabled: boolean("Tasks may use `memory_max`.", { default: true }),
  RejectJobRegistration: boolean("No job is taken in."),
  PauseEvalBroker: boolean("Evaluations wait."),
});

export type SchedulerConfiguration = Value<typeof schedulerConfiguration>;
