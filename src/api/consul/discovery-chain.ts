import type { FastifyInstance, FastifyRequest } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { chainJson } from "#mesh/chain/chain-json.ts";
import type { ChainOverrides } from "#mesh/chain/compiled-chain.ts";
import { configEntries, virtualAddresses } from "#mesh/tables.ts";
import { protocols } from "#model/config-entry/protocol.ts";
import { meshGateway } from "#model/config-entry/proxy-settings.ts";
import { hasErrors, pathText } from "#model/diagnostic.ts";
import { always, duration, object, string } from "#model/schema/builders.ts";
import { canonical } from "#model/schema/canonical.ts";
import { check } from "#model/schema/check.ts";
import { decode } from "#model/schema/decode.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";

const overrides = object("overrides", "What one upstream's own settings change.", {
  OverrideMeshGateway: always(meshGateway),
  OverrideProtocol: string("", { oneOf: ["", ...protocols] }),
  OverrideConnectTimeout: duration("", { min: 0 }),
});

/** `/v1/discovery-chain/:service`: where the requests to a service go. */
export function discoveryChainRoutes(app: FastifyInstance, { server: { state, mesh } }: ApiContext): void {
  const path = "/v1/discovery-chain/:service";
  app.route({
    method: ["GET", "POST"],
    url: path,
    handler: (request, reply) => {
      const { service = "" } = parametersOf(request);
      const datacenter = queryOf(request)["compile-dc"] ?? mesh.datacenter;
      const overriding = overridesOf(request);
      return blockingQuery(state, [configEntries, virtualAddresses], request, reply, () => {
        const chain = readOnce(() => mesh.chain(service, overriding, datacenter));
        if (chain instanceof Error) throw badRequest(chain.message);
        const { Address, Manual = [] } = readOnce(() => mesh.virtualAddress(service)) ?? {};
        const addresses = {
          AutoVirtualIPs: Address === undefined ? [] : [Address],
          ManualVirtualIPs: [...Manual],
        };
        return { Chain: { ...chainJson(chain), ...addresses } };
      });
    },
  });
}

function overridesOf({ body }: FastifyRequest): ChainOverrides {
  const { value, problems } = decode(overrides, body ?? {}, { lenient: true });
  const { OverrideMeshGateway, OverrideProtocol, OverrideConnectTimeout } = canonical(overrides, value);
  const found = hasErrors(problems) ? problems : check(overrides, canonical(overrides, value));
  if (hasErrors(found)) {
    throw badRequest(found.map(({ path = [], detail }) => `${pathText(path)}: ${detail}`).join("\n"));
  }
  return {
    meshGateway: OverrideMeshGateway.Mode,
    protocol: OverrideProtocol,
    connectTimeout: OverrideConnectTimeout,
  };
}
