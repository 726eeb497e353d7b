import type { FastifyInstance, FastifyRequest } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { precedence } from "#mesh/intentions.ts";
import type { Mesh } from "#mesh/mesh.ts";
import { configEntries } from "#mesh/tables.ts";
import {
  type ConfigEntry,
  type ConfigKind,
  configKinds,
  isConfigKind,
  readConfigEntry,
  type ServiceIntentions,
} from "#model/config-entry/config-entry.ts";
import { type Diagnostic, pathText } from "#model/diagnostic.ts";
import { shapeOf } from "#model/filter/schema-shape.ts";
import { written } from "#model/schema/written.ts";
import { suggestion } from "#model/spelling.ts";
import { configEntry, deleteConfigEntry, writeConfigEntry } from "#server/config.ts";
import type { Row } from "#state/table.ts";
import { entryProblems } from "#xds/entry-problems.ts";
import type { ApiContext } from "../context.ts";
import { filtered } from "../filter.ts";
import { badRequest, notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf, wholeNumber } from "../query.ts";

/** `/v1/config`: the mesh's configuration, entry by entry. */
export function configRoutes(app: FastifyInstance, { server: { state, mesh } }: ApiContext): void {
  const entriesOf = (kind: ConfigKind) =>
    state.find(configEntries, "kind", kind).sort((a, b) => (a.Name < b.Name ? -1 : 1));

  app.put("/v1/config", async (request) => {
    const { entry, problems } = readConfigEntry(request.body);
    const unfit = entry === null ? problems : entryProblems(entry);
    if (entry === null || unfit.length > 0)
      throw badRequest(unfit.map((problem) => sentence(request.body, problem)).join("\n"));
    return writeConfigEntry(state, entry, casOf(request));
  });

  app.get("/v1/config/:kind", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () =>
      filtered(request, shapeOf(configKinds[kindOf(request)].schema), entriesOf(kindOf(request))).map(
        (entry) => shown(entry, mesh),
      ),
    ),
  );

  app.get("/v1/config/:kind/:name", (request, reply) =>
    blockingQuery(state, [configEntries], request, reply, () => {
      const { name = "" } = parametersOf(request);
      const entry = configEntry(state, kindOf(request), name);
      if (entry === undefined) throw notFound(`Config entry not found for "${kindOf(request)}" / "${name}"`);
      return shown(entry, mesh);
    }),
  );

  app.delete("/v1/config/:kind/:name", async (request) => {
    const cas = casOf(request);
    const deleted = await deleteConfigEntry(state, kindOf(request), parametersOf(request)["name"] ?? "", cas);
    return cas === undefined ? {} : deleted;
  });
}

function kindOf(request: FastifyRequest): ConfigKind {
  const { kind = "" } = parametersOf(request);
  if (isConfigKind(kind)) return kind;
  throw badRequest(`invalid config entry kind: ${kind}.${suggestion(kind, Object.keys(configKinds))}`);
}

function casOf(request: FastifyRequest): number | undefined {
  const { cas } = queryOf(request);
  return cas === undefined ? undefined : wholeNumber("cas", cas);
}

/** As it is read: as its author wrote it, with what is computed of it. */
function shown({ CreateIndex, ModifyIndex, ...entry }: Row<ConfigEntry>, mesh: Mesh): unknown {
  const { schema } = configKinds[entry.Kind];
  const conditions = readOnce(() => mesh.gateways.conditions(entry));
  return {
    ...written(schema, entry.Kind === "service-intentions" ? ranked(entry) : entry),
    ...(conditions && { Status: { Conditions: conditions } }),
    CreateIndex,
    ModifyIndex,
  };
}

function ranked(entry: ServiceIntentions): ServiceIntentions {
  const Sources = entry.Sources.map((source) => ({
    ...source,
    Precedence: precedence(source.Name, entry.Name),
  }));
  return { ...entry, Sources: Sources.sort((a, b) => b.Precedence - a.Precedence) };
}

function sentence(body: unknown, { path = [], summary, detail }: Diagnostic): string {
  const { Kind, kind, Name, name } = (body ?? {}) as Record<string, unknown>;
  const entry = [Kind ?? kind, Name ?? name].filter((part) => typeof part === "string").join("/");
  return `${[entry, pathText(path)].filter((part) => part !== "").join(" ")}: ${summary}: ${detail}`;
}
