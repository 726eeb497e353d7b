import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { effect } from "@preact/signals-core";
import { type MeshAlone, startMesh } from "../../test/support/mesh-alone.ts";

describe("the mesh", () => {
  let alone: MeshAlone;
  before(async () => {
    alone = await startMesh();
    for (const version of ["1", "2"]) await alone.register("api", `api-${version}`, { meta: { version } });
  });
  after(() => alone[Symbol.asyncDispose]());

  describe("with subsets", () => {
    beforeEach(() =>
      alone.write({
        Kind: "service-resolver",
        Name: "api",
        DefaultSubset: "v2",
        Subsets: {
          v1: { Filter: "Service.Meta.version == 1" },
          v2: { Filter: 'Service.Meta.version == "2"', OnlyPassing: true },
        },
      }),
    );

    const followed = (target: string) => {
      const seen: string[] = [];
      const stop = effect(() => {
        const chain = alone.mesh.chain("api");
        const found = chain instanceof Error ? undefined : chain.Targets[target];
        const endpoints = found === undefined ? [] : alone.mesh.instances.endpointsOf(found);
        seen.push(endpoints.map(({ id, healthy }) => `${id}${healthy ? "" : " ill"}`).join(" "));
      });
      return { seen, stop };
    };

    it("gives the instances of the chain's target, and those again that its entries and checks change", async () => {
      const { seen, stop } = followed("v2.api.default.default.dc1");
      await alone.report("api-2", "warning");
      await alone.register("api", "api-3", { meta: { version: "2" } });
      await alone.report("api-2", "passing");
      stop();
      assert.deepEqual(seen, ["api-2", "api-2 ill", "api-2 ill api-3", "api-2 api-3"]);
    });

    it("disturbs nobody by what does not concern the target", async () => {
      const { seen, stop } = followed("v2.api.default.default.dc1");
      await alone.report("api-1", "critical");
      await alone.write({ Kind: "service-resolver", Name: "other", ConnectTimeout: "1s" });
      await alone.write({
        Kind: "service-intentions",
        Name: "api",
        Sources: [{ Name: "web", Action: "allow" }],
      });
      stop();
      assert.equal(seen.length, 1);
    });
  });
});
