import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Variable, variableProblem } from "#model/variable.ts";
import { variables } from "#server/tables.ts";
import {
  deleteVariable,
  putVariable,
  VariableConflict,
  variableAt,
  variablesBelow,
} from "#server/variables.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, HttpError, notFound } from "../http-error.ts";
import { blockingQuery, namespaceOf, parametersOf, queryOf, wholeNumber } from "../query.ts";

/** `/v1/vars` and `/v1/var/:path`. */
export function variableRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  app.get("/v1/vars", (request, reply) =>
    blockingQuery(state, [variables], request, reply, () =>
      variablesBelow(state, namespaceOf(request), queryOf(request)["prefix"] ?? "").map(withoutItems),
    ),
  );

  app.get("/v1/var/*", (request, reply) =>
    blockingQuery(state, [variables], request, reply, () => {
      const found = variableAt(state, namespaceOf(request), pathOf(request));
      if (found === undefined) throw notFound("variable not found");
      return found;
    }),
  );

  app.route({
    method: ["PUT", "POST"],
    url: "/v1/var/*",
    handler: async (request, reply) => {
      const wanted = readVariable(request);
      return orConflict(reply, () => putVariable(state, wanted, casOf(request)));
    },
  });

  app.delete("/v1/var/*", (request, reply) =>
    orConflict(reply, async () => {
      await deleteVariable(state, namespaceOf(request), pathOf(request), casOf(request));
      return {};
    }),
  );
}

function pathOf(request: FastifyRequest): string {
  return parametersOf(request)["*"] ?? "";
}

function casOf(request: FastifyRequest): number | undefined {
  const { cas, "lock-acquire": acquire, "lock-renew": renew, "lock-release": release } = queryOf(request);
  if ([acquire, renew, release].some((lock) => lock !== undefined))
    throw new HttpError(501, "variables cannot be locked here");
  return cas === undefined ? undefined : wholeNumber("cas", cas);
}

function readVariable(request: FastifyRequest): Pick<Variable, "Namespace" | "Path" | "Items"> {
  const body = (request.body ?? {}) as { Namespace?: unknown; Path?: unknown; Items?: unknown };
  const path = pathOf(request);
  if (body.Path !== undefined && body.Path !== "" && body.Path !== path)
    throw badRequest(`the path in the body, "${String(body.Path)}", is not that of the request, "${path}"`);
  const { Items } = body;
  const isTexts =
    typeof Items === "object" &&
    Items !== null &&
    Object.values(Items).every((value) => typeof value === "string");
  if (!isTexts) throw badRequest('Items must be an object of texts, such as {"password": "x"}');
  const wanted = {
    Namespace:
      typeof body.Namespace === "string" && body.Namespace !== "" ? body.Namespace : namespaceOf(request),
    Path: path,
    Items: Items as Record<string, string>,
  };
  const problem = variableProblem(wanted);
  if (problem !== null) throw badRequest(problem);
  return wanted;
}

/** A conflict is answered with the variable as it stands, as in Nomad. */
async function orConflict<Answer>(reply: FastifyReply, work: () => Promise<Answer>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VariableConflict)) throw error;
    reply.code(409);
    return error.current ?? {};
  }
}

function withoutItems({ Items: _, ...rest }: Row<Variable>) {
  return rest;
}
