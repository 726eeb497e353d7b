import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import {
  DeltaDiscoveryResponseSchema,
  DiscoveryResponseSchema,
} from "#envoy/service/discovery/v3/discovery_pb.js";
import { encodeDeltaResponse, encodeSotwResponse } from "./messages.ts";
import { resource, TYPE_URL } from "./resource.ts";

const clusters = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 40_000, size: "max" }), { maxLength: 5 })
  .map((names) => names.map((name) => resource("cluster", name, ClusterSchema, { name })));

describe("responses put together from encoded resources", () => {
  it("read as Envoy's messages do", () => {
    fc.assert(
      fc.property(clusters, fc.array(fc.string()), (resources, removed) => {
        const delta = fromBinary(
          DeltaDiscoveryResponseSchema,
          encodeDeltaResponse({ kind: "cluster", nonce: "7", resources, removed }),
        );
        assert.equal(delta.typeUrl, TYPE_URL.cluster);
        assert.equal(delta.nonce, "7");
        assert.deepEqual(delta.removedResources, removed);
        assert.deepEqual(
          delta.resources.map(({ name, version, resource: any }) => [name, version, any?.typeUrl]),
          resources.map(({ name, version }) => [name, version, TYPE_URL.cluster]),
        );
        const sotw = fromBinary(
          DiscoveryResponseSchema,
          encodeSotwResponse({ kind: "cluster", nonce: "7", version: "1", resources }),
        );
        assert.deepEqual([sotw.versionInfo, sotw.nonce, sotw.resources.length], ["1", "7", resources.length]);
        for (const [i, any] of sotw.resources.entries()) {
          assert.equal(fromBinary(ClusterSchema, any.value).name, resources[i]?.name);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("are one object where they are equal", () => {
    const [one, other] = [1, 2].map(() => resource("cluster", "a", ClusterSchema, { name: "a" }));
    assert.equal(one, other);
    assert.notEqual(one, resource("cluster", "a", ClusterSchema, { name: "a", altStatName: "b" }));
  });
});
