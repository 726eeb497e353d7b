import type { FastifyInstance, FastifyRequest } from "fastify";
import { checks } from "#mesh/tables.ts";
import type { CheckStatus } from "#model/catalog.ts";
import { type Diagnostic, pathText } from "#model/diagnostic.ts";
import { catalogDeregistration, catalogRegistration, catalogRules } from "#model/registration/catalog.ts";
import { checkRegistration, typeOfCheck } from "#model/registration/check.ts";
import { type Read, read, readService } from "#model/registration/service.ts";
import {
  deregisterCheck,
  deregisterFromCatalog,
  deregisterService,
  registerCheck,
  registerInCatalog,
  registerService,
  setMaintenance,
  unknownCheck,
} from "#server/agent-services.ts";
import { updateChecks } from "#server/catalog.ts";
import { keyOf } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { isSet, parametersOf, queryOf } from "../query.ts";

/** So much of what a client says of a check is kept. Characters. */
const OUTPUT_LIMIT = 4096;

/** `/v1/agent/service`, `/v1/agent/check` and `/v1/catalog`: services that no job runs come and go. */
export function registrationRoutes(app: FastifyInstance, context: ApiContext): void {
  serviceRoutes(app, context);
  checkRoutes(app, context);
  catalogWriteRoutes(app, context);
}

function serviceRoutes(app: FastifyInstance, { server: { state }, agent }: ApiContext): void {
  app.put("/v1/agent/service/register", async (request, reply) => {
    const service = accepted(readService(request.body));
    const replaceChecks = isSet(queryOf(request)["replace-existing-checks"]);
    await registerService(state, { name: agent.name, address: agent.address }, service, { replaceChecks });
    return reply.send();
  });

  app.put("/v1/agent/service/deregister/:id", async (request, reply) => {
    await deregisterService(state, agent.name, idOf(request));
    return reply.send();
  });

  app.put("/v1/agent/service/maintenance/:id", async (request, reply) => {
    const { enable, reason = "" } = queryOf(request);
    if (enable !== "true" && enable !== "false") throw badRequest("Missing value for enable: true or false");
    await setMaintenance(state, agent.name, idOf(request), enable === "true" ? reason : null);
    return reply.send();
  });
}

function checkRoutes(app: FastifyInstance, { server: { state }, agent, node }: ApiContext): void {
  app.put("/v1/agent/check/register", async (request, reply) => {
    const check = accepted(read(checkRegistration, request.body));
    if (check.Name === "" && check.CheckID === "") throw badRequest("Missing check name");
    await registerCheck(state, agent.name, check);
    return reply.send();
  });

  app.put("/v1/agent/check/deregister/:id", async (request, reply) => {
    await deregisterCheck(state, agent.name, idOf(request));
    return reply.send();
  });

  const tell = async (id: string, Status: CheckStatus, output: string) => {
    const check = state.get(checks, keyOf(agent.name, id));
    if (check === undefined) throw unknownCheck(id);
    if (check.Type !== "ttl") throw badRequest(`CheckID "${id}" does not have associated TTL`);
    const update = { CheckID: id, Status, Output: output.slice(0, OUTPUT_LIMIT) };
    await updateChecks(state, agent.name, [update]);
    node.checkTold(update);
  };
  for (const [verb, status] of Object.entries(VERBS)) {
    app.put(`/v1/agent/check/${verb}/:id`, async (request, reply) => {
      await tell(idOf(request), status, queryOf(request)["note"] ?? "");
      return reply.send();
    });
  }
  app.put("/v1/agent/check/update/:id", async (request, reply) => {
    const { Status = "", Output = "" } = (request.body ?? {}) as { Status?: string; Output?: string };
    const status = STATUSES.find((known) => known === Status);
    if (status === undefined || typeof Output !== "string") {
      throw badRequest(`Invalid check status: "${Status}"; expected one of ${STATUSES.join(", ")}`);
    }
    await tell(idOf(request), status, Output);
    return reply.send();
  });
}

const VERBS = { pass: "passing", warn: "warning", fail: "critical" } as const;
const STATUSES = ["passing", "warning", "critical"] as const;

function catalogWriteRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  app.put("/v1/catalog/register", async (request) => {
    const { Node, ID, Address, TaggedAddresses, NodeMeta, ...given } = accepted(
      read(catalogRegistration, request.body, catalogRules),
    );
    await registerInCatalog(state, {
      node: { Node, ID, Address, TaggedAddresses, Meta: NodeMeta },
      service: given.Service,
      checks: [...(given.Check === null ? [] : [given.Check]), ...given.Checks].map((check) => ({
        Node,
        CheckID: check.CheckID || check.Name,
        ...{
          Name: check.Name,
          Status: check.Status,
          Notes: check.Notes,
          Output: check.Output,
          Type: check.Type || (check.Definition === null ? "" : typeOfCheck(check.Definition)),
        },
        // Carried out by the node of a gateway that leads to the service.
        ...(check.Definition && { Definition: check.Definition }),
        ServiceID: check.ServiceID,
        ServiceName: check.ServiceName || (check.ServiceID && given.Service?.Name) || "",
      })),
      skipNodeUpdate: given.SkipNodeUpdate,
    });
    return true;
  });

  app.put("/v1/catalog/deregister", async (request) => {
    const { Node, ServiceID, CheckID } = accepted(read(catalogDeregistration, request.body, catalogRules));
    await deregisterFromCatalog(state, { node: Node, serviceId: ServiceID, checkId: CheckID });
    return true;
  });
}

function idOf(request: FastifyRequest): string {
  return parametersOf(request)["id"] ?? "";
}

function accepted<T>({ value, problems }: Read<T>): T {
  if (value !== null) return value;
  const errors = problems.filter(({ severity }) => severity === "error");
  throw badRequest(errors.map(sentence).join("\n"));
}

function sentence({ path = [], summary, detail }: Diagnostic): string {
  return `${path.length === 0 ? "" : `${pathText(path)}: `}${summary}: ${detail}`;
}
