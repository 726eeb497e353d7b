import type { SchedulerConfiguration } from "#model/scheduler-configuration.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

const PATH = "/v1/operator/scheduler/configuration";

const choice = (doc: string) => ({ kind: "text", value: "true|false", doc }) as const;

export default command({
  usage: "",
  help: "Changes how the scheduler decides. What is not named stays as it is.",
  flags: {
    ...nomadFlags,
    "scheduler-algorithm": {
      kind: "text",
      value: "binpack|spread",
      doc: "Whether nodes are filled one after the other or all alike.",
    },
    "memory-oversubscription": choice("Tasks may use memory_max."),
    "reject-job-registration": choice("No job is taken in."),
    "pause-eval-broker": choice("Evaluations wait."),
    "preempt-system-scheduler": choice("Others have to give way to system jobs of higher priority."),
    "preempt-service-scheduler": choice("The same for service jobs."),
    "preempt-batch-scheduler": choice("The same for batch jobs."),
    "preempt-sysbatch-scheduler": choice("The same for sysbatch jobs."),
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const api = nomadApi(flags);
    const { SchedulerConfig: before } = await api.get<{ SchedulerConfig: SchedulerConfiguration }>(PATH, {
      signal,
    });
    const preemption = before.PreemptionConfig;
    const body: SchedulerConfiguration = {
      SchedulerAlgorithm: algorithm(flags["scheduler-algorithm"]) ?? before.SchedulerAlgorithm,
      MemoryOversubscriptionEnabled:
        truth(flags["memory-oversubscription"]) ?? before.MemoryOversubscriptionEnabled,
      RejectJobRegistration: truth(flags["reject-job-registration"]) ?? before.RejectJobRegistration,
      PauseEvalBroker: truth(flags["pause-eval-broker"]) ?? before.PauseEvalBroker,
      PreemptionConfig: {
        SystemSchedulerEnabled: truth(flags["preempt-system-scheduler"]) ?? preemption.SystemSchedulerEnabled,
        ServiceSchedulerEnabled:
          truth(flags["preempt-service-scheduler"]) ?? preemption.ServiceSchedulerEnabled,
        BatchSchedulerEnabled: truth(flags["preempt-batch-scheduler"]) ?? preemption.BatchSchedulerEnabled,
        SysBatchSchedulerEnabled:
          truth(flags["preempt-sysbatch-scheduler"]) ?? preemption.SysBatchSchedulerEnabled,
      },
    };
    await api.query(PATH, { method: "PUT", body, signal });
    terminal.print("Scheduler configuration updated!");
    return 0;
  },
});

function truth(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  if (text !== "true" && text !== "false") throw new CommandError(`expected true or false, not "${text}"`);
  return text === "true";
}

function algorithm(text: string | undefined): SchedulerConfiguration["SchedulerAlgorithm"] | null {
  if (text === undefined) return null;
  if (text === "binpack" || text === "spread") return text;
  throw new CommandError(`flag -scheduler-algorithm is binpack or spread, not "${text}"`);
}
