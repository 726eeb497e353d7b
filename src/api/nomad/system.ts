import type { FastifyInstance } from "fastify";
import { schedulerConfiguration } from "#model/scheduler-configuration.ts";
import { configurationOf } from "#server/situation.ts";
import { SCHEDULER_CONFIGURATION_KEY, schedulerConfigurations } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { isSet, queryOf, wholeNumber } from "../query.ts";
import { read } from "../read-body.ts";

const WRITE = ["PUT", "POST"];

/** What concerns the cluster as a whole: how it schedules, and what it forgets. */
export function systemRoutes(
  app: FastifyInstance,
  { server: { state, garbage, keyring } }: ApiContext,
): void {
  app.route({
    method: WRITE,
    url: "/v1/system/gc",
    handler: async () => {
      await garbage.collect();
      await keyring.forget(0);
      return {};
    },
  });
  // Summaries are counted when they are asked for: there is nothing to reconcile.
  app.route({ method: WRITE, url: "/v1/system/reconcile/summaries", handler: async () => ({}) });

  app.get("/v1/operator/scheduler/configuration", async () => {
    const stored = state.get(schedulerConfigurations, SCHEDULER_CONFIGURATION_KEY);
    const { CreateIndex = 0, ModifyIndex = 0 } = stored ?? {};
    return {
      SchedulerConfig: { ...configurationOf(state), CreateIndex, ModifyIndex },
      Index: state.revision,
      LastContact: 0,
      KnownLeader: true,
    };
  });

  app.route({
    method: WRITE,
    url: "/v1/operator/scheduler/configuration",
    handler: async (request) => {
      const configuration = read(schedulerConfiguration, request.body);
      const { cas } = queryOf(request);
      const expected = isSet(cas) ? wholeNumber("cas", cas ?? "") : null;
      const { result, index } = await state.transact((tx) => {
        const before = tx.get(schedulerConfigurations, SCHEDULER_CONFIGURATION_KEY);
        if (expected !== null && (before?.ModifyIndex ?? 0) !== expected) return false;
        tx.put(schedulerConfigurations, SCHEDULER_CONFIGURATION_KEY, configuration);
        return true;
      });
      return { Updated: result, Index: index };
    },
  });
}
