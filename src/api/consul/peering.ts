import type { FastifyInstance } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { importedServices, peeringSecrets, peerings } from "#mesh/peering/tables.ts";
import { configEntries, services } from "#mesh/tables.ts";
import type { Peering } from "#model/peering/peering.ts";
import { duration, object, string, stringMap, strings } from "#model/schema/builders.ts";
import { hour, millisecond, second } from "#model/schema/duration.ts";
import { TOKEN_LIFETIME } from "#server/peering/peerings.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { HttpError, notFound } from "../http-error.ts";
import { blockingQuery, parametersOf } from "../query.ts";
import { read } from "../read-body.ts";

const tokenRequest = object("peering token", "", {
  PeerName: string("The name by which the other mesh shall be known here."),
  ServerExternalAddresses: strings(
    "Where the other mesh reaches this one's control plane, `host:port` each.",
  ),
  Meta: stringMap("Facts about the peering."),
  TTL: duration("How long the token can be used.", {
    default: TOKEN_LIFETIME * millisecond,
    min: second,
    max: 30 * 24 * hour,
  }),
});

const establishment = object("peering establishment", "", {
  PeerName: string("The name by which the other mesh shall be known here."),
  PeeringToken: string("What `peering generate-token` printed in the other mesh."),
  Meta: stringMap("Facts about the peering."),
});

/** `/v1/peering`: other meshes, and what is shared with them. */
export function peeringRoutes(app: FastifyInstance, context: ApiContext): void {
  const { server, links } = context;
  const { state, mesh } = server;

  app.post("/v1/peering/token", async (request) => {
    const { PeerName, ServerExternalAddresses, Meta, TTL } = read(tokenRequest, request.body);
    const addresses = ServerExternalAddresses.length > 0 ? ServerExternalAddresses : ownAddresses(context);
    const PeeringToken = await server.peerings.generateToken({
      ...{ name: PeerName, addresses, meta: Meta },
      lifetime: TTL / millisecond,
    });
    return { PeeringToken };
  });

  app.post("/v1/peering/establish", async (request) => {
    const { PeerName, PeeringToken, Meta } = read(establishment, request.body);
    await links.establish(PeerName, PeeringToken, Meta);
    return {};
  });

  const view = ({ Remote, ...peering }: Row<Peering>) => {
    const { Name } = peering;
    const times = links.times(Name);
    return {
      ...peering,
      Remote: {
        Partition: "default",
        Datacenter: Remote?.Datacenter ?? "",
        TrustDomain: Remote?.TrustDomain ?? "",
      },
      StreamStatus: {
        ImportedServices: state
          .find(importedServices, "peer", Name)
          .map(({ name }) => name)
          .sort(),
        ExportedServices: peering.State === "ACTIVE" ? readOnce(() => mesh.exports.to(Name)) : [],
        LastHeartbeat: timeOf(times?.lastHeartbeat),
        LastReceive: timeOf(times?.lastReceive),
        LastSend: timeOf(times?.lastSend),
      },
    };
  };
  const TABLES = [peerings, peeringSecrets, importedServices, configEntries];

  app.get("/v1/peerings", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () =>
      state
        .all(peerings)
        .sort((a, b) => (a.Name < b.Name ? -1 : 1))
        .map(view),
    ),
  );

  app.get("/v1/peering/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const { name = "" } = parametersOf(request);
      const found = state.get(peerings, name);
      if (found === undefined) throw notFound(`Peering not found for "${name}"`);
      return view(found);
    }),
  );

  app.delete("/v1/peering/:name", async (request, reply) => {
    await links.delete(parametersOf(request)["name"] ?? "");
    return reply.send();
  });

  app.get("/v1/exported-services", (request, reply) =>
    blockingQuery(state, [configEntries, services], request, reply, () => {
      const names = readOnce(() => consumersOf(mesh));
      return [...names]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([Service, Peers]) => ({ Service, Consumers: { Peers } }));
    }),
  );

  app.get("/v1/imported-services", (request, reply) =>
    blockingQuery(state, [importedServices], request, reply, () =>
      state
        .all(importedServices)
        .map(({ name, peer }) => ({ Service: name, SourcePeer: peer }))
        .sort((a, b) => (a.Service < b.Service ? -1 : 1)),
    ),
  );
}

function consumersOf({ entry, exports }: ApiContext["server"]["mesh"]): Map<string, string[]> {
  const consumers = (entry("exported-services", "default")?.Services ?? []).flatMap(({ Consumers }) =>
    Consumers.map(({ Peer }) => Peer),
  );
  const names = new Map<string, string[]>();
  for (const peer of [...new Set(consumers)].sort())
    for (const service of exports.to(peer)) names.set(service, [...(names.get(service) ?? []), peer]);
  return names;
}

/** Where the control plane is reached with TLS; in dev mode nowhere. */
function ownAddresses({ agent: { bind, address, grpc } }: ApiContext): string[] {
  if (grpc.tls <= 0)
    throw new HttpError(
      400,
      "this agent has no door for other meshes: start it without -dev, and with an address of -bind and a -grpc-tls-port that they reach",
    );
  const host = bind === "0.0.0.0" || bind === "::" ? address : bind;
  return [`${host.includes(":") ? `[${host}]` : host}:${grpc.tls}`];
}

function timeOf(time = 0): string | null {
  return time === 0 ? null : new Date(time).toISOString();
}
