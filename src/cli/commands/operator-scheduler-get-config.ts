import type { SchedulerConfiguration } from "#model/scheduler-configuration.ts";
import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { properties } from "../table.ts";

export default command({
  usage: "",
  help: "Shows how the scheduler decides.",
  flags: { ...nomadFlags, json },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const path = "/v1/operator/scheduler/configuration";
    const answer = await nomadApi(flags).get<{ SchedulerConfig: SchedulerConfiguration }>(path, { signal });
    const { SchedulerConfig: configuration } = answer;
    const preemption = configuration.PreemptionConfig;
    const lines = properties([
      ["Scheduler Algorithm", configuration.SchedulerAlgorithm],
      ["Memory Oversubscription", String(configuration.MemoryOversubscriptionEnabled)],
      ["Reject Job Registration", String(configuration.RejectJobRegistration)],
      ["Pause Eval Broker", String(configuration.PauseEvalBroker)],
      ["Preemption System Scheduler", String(preemption.SystemSchedulerEnabled)],
      ["Preemption Service Scheduler", String(preemption.ServiceSchedulerEnabled)],
      ["Preemption Batch Scheduler", String(preemption.BatchSchedulerEnabled)],
      ["Preemption SysBatch Scheduler", String(preemption.SysBatchSchedulerEnabled)],
    ]);
    terminal.print(...(flags.json ? [JSON.stringify(answer, null, 2)] : lines));
    return 0;
  },
});
