import type { FastifyInstance, FastifyRequest } from "fastify";
import { decide, type Intention, intentionsOf } from "#mesh/intentions.ts";
import { configEntries } from "#mesh/tables.ts";
import type { ServiceIntentions } from "#model/config-entry/config-entry.ts";
import { deleteIntention, putIntention } from "#server/config.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, notFound } from "../http-error.ts";
import { blockingQuery, queryOf } from "../query.ts";

/** `/v1/connect/intentions`: who may reach whom. Each is one source of a `service-intentions` entry. */
export function intentionRoutes(app: FastifyInstance, { server: { state, mesh } }: ApiContext): void {
  const entries = () => state.find(configEntries, "kind", "service-intentions") as Row<ServiceIntentions>[];
  const all = () => intentionsOf(entries());
  const view = ({ source, destination, action, precedence }: Intention) => {
    const entry = entries().find(({ Name }) => Name === destination);
    return {
      Description: entry?.Sources.find(({ Name }) => Name === source)?.Description ?? "",
      SourceNS: "default",
      SourceName: source,
      DestinationNS: "default",
      DestinationName: destination,
      SourceType: "consul",
      Action: action,
      Precedence: precedence,
      Meta: entry?.Meta ?? {},
      CreateIndex: entry?.CreateIndex ?? 0,
      ModifyIndex: entry?.ModifyIndex ?? 0,
    };
  };

  app.get("/v1/connect/intentions", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () => all().map(view)),
  );

  app.get("/v1/connect/intentions/match", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () => {
      const { by = "", name = "" } = queryOf(request);
      if (by !== "source" && by !== "destination") throw badRequest('by must be "source" or "destination"');
      if (name === "") throw badRequest("name must be given");
      const matching = all().filter((intention) => intention[by] === name || intention[by] === "*");
      return { [name]: matching.map(view) };
    }),
  );

  app.get("/v1/connect/intentions/check", async (request) => {
    const { source, destination } = pair(request);
    return { Allowed: decide(all(), source, destination, mesh.defaultPolicy).allowed };
  });

  app.get("/v1/connect/intentions/exact", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () => {
      const { source, destination } = pair(request);
      const found = all().find(
        (intention) => intention.source === source && intention.destination === destination,
      );
      if (found === undefined) throw notFound("Intention not found");
      return view(found);
    }),
  );

  app.put("/v1/connect/intentions/exact", async (request) => {
    const { Action, Description = "" } = (request.body ?? {}) as { Action?: unknown; Description?: unknown };
    if (Action !== "allow" && Action !== "deny") throw badRequest('Action must be "allow" or "deny"');
    if (typeof Description !== "string" || Description.length > 512) {
      throw badRequest("Description must be text of at most 512 characters");
    }
    await putIntention(state, { ...pair(request), action: Action, description: Description });
    return true;
  });

  app.delete("/v1/connect/intentions/exact", async (request) => {
    const { source, destination } = pair(request);
    await deleteIntention(state, source, destination);
    return {};
  });
}

function pair(request: FastifyRequest): { source: string; destination: string } {
  const { source = "", destination = "" } = queryOf(request);
  for (const [side, name] of Object.entries({ source, destination })) {
    if (name === "") throw badRequest(`${side} must be given`);
    if (name !== "*" && name.includes("*"))
      throw badRequest(`${side} "${name}": the wildcard * stands alone, for every service`);
  }
  return { source, destination };
}
