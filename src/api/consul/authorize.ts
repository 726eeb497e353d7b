import type { FastifyInstance } from "fastify";
import { parseServiceUri } from "#mesh/ca/spiffe.ts";
import { readOnce } from "#mesh/cells.ts";
import { type Decision, decide } from "#mesh/intention-decision.ts";
import { local } from "#mesh/intentions.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";

/** `/v1/agent/connect/authorize`: whether who shows a certificate may connect to a service. */
export function authorizeRoutes(app: FastifyInstance, { server: { mesh } }: ApiContext): void {
  app.post("/v1/agent/connect/authorize", async (request) => {
    const { Target = "", ClientCertURI = "" } = (request.body ?? {}) as Record<string, unknown>;
    if (typeof Target !== "string" || Target === "") throw badRequest("Target service must be specified");
    if (typeof ClientCertURI !== "string" || ClientCertURI === "")
      throw badRequest("ClientCertURI must be specified");
    const client = parseServiceUri(ClientCertURI);
    if (client === null)
      throw badRequest(`ClientCertURI is not the SPIFFE id of a service: ${ClientCertURI.slice(0, 200)}`);
    if (client.trustDomain !== mesh.trustDomain())
      return { Authorized: false, Reason: `Identity from an external trust domain: ${client.trustDomain}` };
    const intentions = readOnce(() => mesh.access.intentions(Target));
    const decision = decide(intentions, local(client.service), Target, null, mesh.defaultPolicy);
    return { Authorized: decision.allowed, Reason: reason(decision, mesh.defaultPolicy) };
  });
}

function reason({ allowed, intention }: Decision, defaultPolicy: string): string {
  if (intention === null) return `No intention matches; the default policy is ${defaultPolicy}`;
  const { source, destination, precedence, action, jwt } = intention;
  const dependsOnRequests = !allowed && (action === "" || (action === "allow" && jwt !== null));
  const rule = dependsOnRequests ? "DENY, for it depends on single requests" : action.toUpperCase();
  return `Matched intention: ${rule} default/${source.name} => default/${destination} (Precedence: ${precedence})`;
}
