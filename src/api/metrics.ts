import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiContext } from "./context.ts";
import { queryOf } from "./query.ts";

/** `/v1/metrics` and `/v1/agent/metrics`: the agent's own numbers, for Prometheus or as JSON. */
export function metricRoutes(app: FastifyInstance, { metrics }: ApiContext): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    if (queryOf(request)["format"] === "prometheus") {
      return reply.type(metrics.contentType).send(await metrics.metrics());
    }
    return grouped(await metrics.getMetricsAsJSON());
  };
  app.get("/v1/metrics", answer);
  app.get("/v1/agent/metrics", answer);
}

interface Metric {
  readonly type: unknown;
  readonly name: string;
  readonly values: readonly {
    readonly value: number;
    readonly labels: object;
    readonly metricName?: string;
  }[];
}

/** In the form in which Nomad's and Consul's clients read them. */
function grouped(metrics: readonly Metric[]) {
  const of = (type: string) =>
    metrics
      .filter((metric) => metric.type === type)
      .flatMap(({ name, values }) =>
        values.map(({ value, labels, metricName }) => ({
          Name: metricName ?? name,
          Value: value,
          Labels: labels,
        })),
      );
  const Counters = of("counter").map(({ Value, ...counter }) => ({ ...counter, Count: Value, Sum: Value }));
  return {
    Timestamp: new Date().toISOString(),
    Gauges: of("gauge"),
    Points: [],
    Counters,
    Samples: of("histogram"),
  };
}
