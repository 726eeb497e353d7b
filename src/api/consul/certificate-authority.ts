import type { FastifyInstance } from "fastify";
import type { Root } from "#mesh/ca/root.ts";
import { caConfigurations, roots } from "#mesh/tables.ts";
import { readCaConfiguration } from "#model/ca-configuration.ts";
import { pathText } from "#model/diagnostic.ts";
import { formatDuration } from "#model/schema/duration.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { blockingQuery, isSet, queryOf } from "../query.ts";

/** `/v1/connect/ca`: who is trusted, and the authority that certifies every proxy. */
export function certificateAuthorityRoutes(app: FastifyInstance, { server }: ApiContext): void {
  const { state, mesh, authority } = server;

  const rootList = () => {
    const all = state.all(roots);
    return {
      ActiveRootID: all.find(({ Active }) => Active)?.ID ?? "",
      TrustDomain: mesh.trustDomain(),
      Roots: all.map((root) => ({
        ...rootView(root),
        ExternalTrustDomain: mesh.trustDomain().replace(/\.consul$/, ""),
      })),
    };
  };

  app.get("/v1/agent/connect/ca/roots", (request, reply) =>
    blockingQuery(state, [roots], request, reply, rootList),
  );

  app.get("/v1/connect/ca/roots", (request, reply) =>
    blockingQuery(state, [roots], request, reply, () => {
      if (!isSet(queryOf(request)["pem"])) return rootList();
      reply.type("application/pem-certificate-chain");
      return mesh.certificates.trustBundle();
    }),
  );

  app.get("/v1/connect/ca/configuration", (request, reply) =>
    blockingQuery(state, [caConfigurations], request, reply, () => {
      const { Provider, Config, State, CreateIndex, ModifyIndex } = authority.configuration;
      const { PrivateKey: _, LeafCertTTL, RootCertTTL, IntermediateCertTTL, ...rest } = Config;
      const lifetimes = Object.entries({ LeafCertTTL, RootCertTTL, IntermediateCertTTL }).map(
        ([name, lifetime]) => [name, formatDuration(lifetime)],
      );
      return {
        Provider,
        Config: { ...Object.fromEntries(lifetimes), ...rest },
        State,
        CreateIndex,
        ModifyIndex,
      };
    }),
  );

  app.put("/v1/connect/ca/configuration", async (request, reply) => {
    const { configuration, problems } = readCaConfiguration(request.body);
    if (configuration === null) {
      const lines = problems.map(
        ({ path = [], summary, detail }) => `${pathText(path)}: ${summary}: ${detail}`,
      );
      throw badRequest(lines.join("\n"));
    }
    await authority.configure(configuration);
    return reply.send();
  });

  // Yurt's own: Consul makes a new root only where the configuration asks for another.
  app.put("/v1/connect/ca/rotate", async () => {
    await authority.rotate();
    return rootList();
  });
}

function rootView({ SigningCert: _, RetiresAt, RotatedOutAt, NotBefore, NotAfter, ...root }: Row<Root>) {
  return {
    ...root,
    NotBefore: new Date(NotBefore).toISOString(),
    NotAfter: new Date(NotAfter).toISOString(),
    RotatedOutAt: RotatedOutAt === null ? null : new Date(RotatedOutAt).toISOString(),
    RetiresAt: RetiresAt === null ? null : new Date(RetiresAt).toISOString(),
  };
}
