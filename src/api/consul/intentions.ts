import type { FastifyInstance, FastifyRequest } from "fastify";
import { decide } from "#mesh/intention-decision.ts";
import { type Intention, intentionsOf, local, precedence, type Source } from "#mesh/intentions.ts";
import { configEntries } from "#mesh/tables.ts";
import { intentionShape } from "#model/catalog-filter.ts";
import type { ServiceIntentions } from "#model/config-entry/config-entry.ts";
import type { SourceIntention } from "#model/config-entry/service-intentions.ts";
import { newId } from "#model/id.ts";
import {
  deleteIntention,
  type FoundIntention,
  findIntention,
  findLegacyIntention,
  putIntention,
} from "#server/intentions.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { filtered } from "../filter.ts";
import { badRequest, notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";
import { readIntention } from "./read-intention.ts";

/** `/v1/connect/intentions`: who may reach whom. Each is one source of a `service-intentions` entry. */
export function intentionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { state, mesh } = context.server;
  const entries = () => state.find(configEntries, "kind", "service-intentions") as Row<ServiceIntentions>[];
  const viewsOf = (intentions: readonly Intention[]) =>
    intentions.flatMap(({ source, destination }) => {
      const found = findIntention(state, source, destination);
      return found === null ? [] : [view(found)];
    });

  app.get("/v1/connect/intentions", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () =>
      filtered(request, intentionShape, viewsOf(intentionsOf(entries()))),
    ),
  );

  app.get("/v1/connect/intentions/match", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () => {
      const { by = "" } = queryOf(request);
      if (by !== "source" && by !== "destination") throw badRequest('by must be "source" or "destination"');
      const names = namesOf(request);
      if (names.length === 0) throw badRequest("name must be given");
      return Object.fromEntries(
        names.map((name) => [
          name,
          filtered(request, intentionShape, viewsOf(matching(intentionsOf(entries()), by, name))),
        ]),
      );
    }),
  );

  app.get("/v1/connect/intentions/check", async (request) => {
    const { source, destination } = pair(request);
    const { allowed } = decide(intentionsOf(entries()), source, destination, null, mesh.defaultPolicy);
    return { Allowed: allowed };
  });

  app.get("/v1/connect/intentions/exact", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () => {
      const { source, destination } = pair(request);
      const found = findIntention(state, source, destination);
      if (found === null) throw notFound("Intention not found");
      return view(found);
    }),
  );

  app.put("/v1/connect/intentions/exact", async (request) => {
    const { source, destination } = pair(request);
    const written = readIntention(request.body, source, destination);
    await putIntention(state, written.destination, written.source);
    return true;
  });

  app.delete("/v1/connect/intentions/exact", async (request) => {
    const { source, destination } = pair(request);
    await deleteIntention(state, source, destination);
    return {};
  });

  legacyRoutes(app, context);
}

/** Intentions by ids, as Consul had them before config entries: only what was created so has an id. */
function legacyRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const found = (request: FastifyRequest): FoundIntention => {
    const intention = findLegacyIntention(state, parametersOf(request)["id"] ?? "");
    if (intention === null) throw notFound("Intention not found");
    return intention;
  };

  app.post("/v1/connect/intentions", async (request) => {
    const { source, destination } = readIntention(request.body, null, null);
    if (findIntention(state, { name: source.Name, peer: source.Peer }, destination) !== null) {
      throw badRequest(`duplicate intention found: ${source.Name} => ${destination} is there already`);
    }
    const now = new Date().toISOString();
    const ID = newId<string>();
    await putIntention(state, destination, {
      ...source,
      ...{ LegacyID: ID, LegacyCreateTime: now, LegacyUpdateTime: now },
    });
    return { ID };
  });

  app.get("/v1/connect/intentions/:id", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () => view(found(request))),
  );

  app.put("/v1/connect/intentions/:id", async (request) => {
    const before = found(request);
    const { source, destination } = readIntention(request.body, nameOf(before.source), before.entry.Name);
    const { LegacyID, LegacyCreateTime } = before.source;
    const LegacyUpdateTime = new Date().toISOString();
    await putIntention(state, destination, { ...source, LegacyID, LegacyCreateTime, LegacyUpdateTime });
    return { ID: LegacyID };
  });

  app.delete("/v1/connect/intentions/:id", async (request) => {
    const { source, entry } = found(request);
    await deleteIntention(state, nameOf(source), entry.Name);
    return true;
  });
}

const nameOf = ({ Name, Peer }: SourceIntention): Source => ({ name: Name, peer: Peer });

function matching(intentions: readonly Intention[], by: "source" | "destination", name: string): Intention[] {
  return intentions.filter(({ source, destination }) =>
    by === "source"
      ? source.peer === "" && ["*", name].includes(source.name)
      : ["*", name].includes(destination),
  );
}

function view({ entry, source }: FoundIntention): object {
  const { LegacyID, LegacyMeta, LegacyCreateTime, LegacyUpdateTime } = source;
  return {
    ...(LegacyID !== "" && { ID: LegacyID }),
    Description: source.Description,
    SourceNS: "default",
    SourcePartition: "default",
    SourceName: source.Name,
    ...(source.Peer !== "" && { SourcePeer: source.Peer }),
    DestinationNS: "default",
    DestinationPartition: "default",
    DestinationName: entry.Name,
    SourceType: source.Type,
    ...(source.Action !== "" && { Action: source.Action }),
    ...(source.Permissions.length > 0 && { Permissions: source.Permissions }),
    ...(entry.JWT !== null && { JWT: entry.JWT }),
    Precedence: precedence(source.Name, entry.Name),
    Meta: { ...entry.Meta, ...LegacyMeta },
    ...(LegacyID !== "" && { CreatedAt: LegacyCreateTime, UpdatedAt: LegacyUpdateTime }),
    CreateIndex: entry.CreateIndex,
    ModifyIndex: entry.ModifyIndex,
  };
}

function namesOf(request: FastifyRequest): string[] {
  const { name } = request.query as { name?: string | string[] };
  return [name ?? []].flat().filter((each) => each !== "");
}

function pair(request: FastifyRequest): { source: Source; destination: string } {
  const { source = "", destination = "" } = queryOf(request);
  const [name, destinationName] = [serviceName("source", source), serviceName("destination", destination)];
  return {
    source: { ...local(name), peer: queryOf(request)["source-peer"] ?? "" },
    destination: destinationName,
  };
}

/** `web`, or `default/web` as Consul writes it with a namespace, or `default/default/web` with a partition. */
function serviceName(side: string, text: string): string {
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  if (name === "") throw badRequest(`${side} must be given`);
  if (parts.length > 3 || parts.slice(0, -1).some((part) => part !== "default"))
    throw badRequest(`${side} "${text}": the one namespace and partition are called "default"`);
  if (name !== "*" && name.includes("*"))
    throw badRequest(`${side} "${name}": the wildcard * stands alone, for every service`);
  return name;
}
