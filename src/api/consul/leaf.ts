import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { blockingRead, parametersOf } from "../query.ts";
import { KeptLeaves } from "./kept-leaves.ts";

/** Names that stand in a certificate as they are. */
const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** `/v1/agent/connect/ca/leaf`: certificates for programs that speak mutual TLS themselves. */
export function leafRoutes(app: FastifyInstance, { server, agent }: ApiContext): void {
  const leaves = new KeptLeaves(server.mesh, () => server.state.revision);
  app.addHook("onClose", async () => leaves.close());

  app.get("/v1/agent/connect/ca/leaf/:service", async (request, reply) => {
    const { service = "" } = parametersOf(request);
    if (!SERVICE_NAME.test(service)) {
      throw badRequest(
        `a service's name has letters, digits, ".", "_" and "-"; "${service.slice(0, 80)}" is none`,
      );
    }
    const kept = await leaves.of(service);
    return blockingRead(kept, request, reply, () => {
      const { leaf, created } = kept;
      return {
        SerialNumber: leaf.serialNumber.toLowerCase().replace(/(..)(?!$)/g, "$1:"),
        CertPEM: leaf.certificate,
        PrivateKeyPEM: leaf.privateKey,
        Service: service,
        ServiceURI: leaf.uri,
        Datacenter: agent.datacenter,
        ValidAfter: new Date(leaf.notBefore).toISOString(),
        ValidBefore: new Date(leaf.notAfter).toISOString(),
        CreateIndex: created,
        ModifyIndex: kept.index(),
      };
    });
  });
}
