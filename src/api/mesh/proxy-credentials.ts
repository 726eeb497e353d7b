import type { FastifyInstance, FastifyRequest } from "fastify";
import { controlPlaneName, controlPlaneUri } from "#mesh/ca/spiffe.ts";
import { readOnce } from "#mesh/cells.ts";
import { services } from "#mesh/tables.ts";
import { sameSecret } from "#server/proxy-tokens.ts";
import type { ApiContext } from "../context.ts";
import { HttpError, notFound } from "../http-error.ts";
import { parametersOf } from "../query.ts";

/**
 * `/v1/mesh/proxy/:id/credentials`: Yurt's own. What a proxy that no job runs shows its control plane and knows it by,
 * for who shows the operator's token or the proxy's own. In dev mode no token is asked for, and none is given.
 */
export function proxyCredentialRoutes(
  app: FastifyInstance,
  { server: { state, mesh }, door }: ApiContext,
): void {
  app.get("/v1/mesh/proxy/:id/credentials", async (request) => {
    const { id = "" } = parametersOf(request);
    const [instance] = state.find(services, "id", id);
    if (instance === undefined || instance.Kind === "" || instance.AllocID !== "") {
      throw notFound(`no proxy ${id} is registered by hand`);
    }
    const Token = door?.tokens.tokenOf(instance.Node, instance.ID) ?? "";
    if (door !== null && ![Token, door.operatorToken].some((token) => sameSecret(token, shownBy(request)))) {
      throw new HttpError(
        403,
        "Permission denied: show the operator's token, from server/operator-token in the agent's data folder, or the proxy's own (-token-file)",
      );
    }
    const { datacenter } = mesh;
    return readOnce(() => ({
      Token,
      Roots: mesh.certificates.trustBundle(),
      ServerName: controlPlaneName(datacenter),
      ServerURI: controlPlaneUri({ trustDomain: mesh.trustDomain(), datacenter }),
    }));
  });
}

function shownBy({ headers }: FastifyRequest): string {
  const [, bearer = ""] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
  return String(headers["x-consul-token"] ?? bearer);
}
