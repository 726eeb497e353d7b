import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { type ApiOnly, startApi } from "../../../test/support/api-only.ts";
import { until } from "../../../test/support/wait.ts";

describe("virtual addresses over HTTP", () => {
  let api: ApiOnly;
  let consul: FastifyInstance;
  before(async () => {
    api = await startApi();
    consul = api.consul;
  });
  after(() => api[Symbol.asyncDispose]());

  it("gives a service addresses that an operator names, one service each", async () => {
    const give = async (Service: string, ...ManualVIPs: readonly string[]) => {
      const payload = { Service, ManualVIPs };
      return (await consul.inject({ method: "PUT", url: "/v1/internal/service-virtual-ip", payload })).json();
    };
    const addresses = async (service: string) => {
      const { Chain } = (await consul.inject(`/v1/discovery-chain/${service}`)).json();
      return [Chain.AutoVirtualIPs.length, Chain.ManualVirtualIPs];
    };
    for (const Name of ["first", "second"]) {
      const payload = { Kind: "service-resolver", Name };
      await consul.inject({ method: "PUT", url: "/v1/config", payload });
    }
    await until("both have an address", async () =>
      (await Promise.all(["first", "second"].map(addresses))).every(([count]) => count === 1),
    );
    assert.deepEqual(await give("nobody", "10.9.9.9"), { Found: false, UnassignedFrom: [] });
    assert.deepEqual(await give("first", "10.9.9.9"), { Found: true, UnassignedFrom: [] });
    assert.deepEqual(await give("second", "10.9.9.9"), {
      Found: true,
      UnassignedFrom: [{ ServiceName: "first" }],
    });
    assert.deepEqual(await addresses("first"), [1, []]);
    assert.deepEqual(await addresses("second"), [1, ["10.9.9.9"]]);
    const payload = { Service: "first", ManualVIPs: ["ten"] };
    const refused = await consul.inject({ method: "PUT", url: "/v1/internal/service-virtual-ip", payload });
    assert.equal(refused.body, 'ManualVIPs: expected an IPv4 address, not "ten"');
  });
});
