import { isIPv4 } from "node:net";
import type { FastifyInstance } from "fastify";
import { hasErrors, pathText } from "#model/diagnostic.ts";
import { object, string, strings } from "#model/schema/builders.ts";
import { canonical } from "#model/schema/canonical.ts";
import { decode } from "#model/schema/decode.ts";
import { giveVirtualAddresses } from "#server/virtual-addresses.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";

const assignment = object("assignment", "Addresses that an operator gives a service.", {
  Service: string("The service."),
  ManualVIPs: strings("All of them: those that it had before and that are not named are taken from it."),
  Namespace: string("There is one."),
  Partition: string("There is one."),
});

/** `/v1/internal/service-virtual-ip`: addresses that stand for a service beside its own. */
export function virtualAddressRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  app.put("/v1/internal/service-virtual-ip", async ({ body }) => {
    const { value, problems } = decode(assignment, body ?? {}, { lenient: true });
    if (hasErrors(problems)) {
      throw badRequest(problems.map(({ path = [], detail }) => `${pathText(path)}: ${detail}`).join("\n"));
    }
    const { Service, ManualVIPs } = canonical(assignment, value);
    if (Service === "") throw badRequest("Service: say which service the addresses stand for");
    const wrong = ManualVIPs.find((address) => !isIPv4(address));
    if (wrong !== undefined) throw badRequest(`ManualVIPs: expected an IPv4 address, not "${wrong}"`);
    const { isKnown, takenFrom } = await giveVirtualAddresses(state, Service, ManualVIPs);
    return { Found: isKnown, UnassignedFrom: takenFrom.map((ServiceName) => ({ ServiceName })) };
  });
}
