import assert from "node:assert/strict";
import { test } from "node:test";
import { STATS_TAGS } from "./stats-tags.ts";

/** As Envoy applies them: to the whole name; all that a tag's first group holds leaves it. */
function tagsOf(name: string): Record<string, string> {
  const found = STATS_TAGS.flatMap(({ tag_name, regex }) => {
    const match = new RegExp(regex).exec(name);
    return match === null ? [] : [[tag_name.replace("consul.", ""), match[2], match[1]]];
  });
  assert.ok(new Set(found.map(([, , removed]) => removed)).size <= 1, "all take the same out of the name");
  return Object.fromEntries(found.map(([tag, value]) => [tag, value]));
}

const PLACE = {
  "destination.namespace": "default",
  "destination.datacenter": "dc1",
  "destination.routing_type": "internal",
  "destination.trust_domain": "11111111-2222",
};
const CLUSTER = "default.dc1.internal.11111111-2222.consul.upstream_rq_total";

test("the name of a cluster gives its service and its place", () => {
  assert.deepEqual(tagsOf(`cluster.api.${CLUSTER}`), { "destination.service": "api", ...PLACE });
  assert.deepEqual(tagsOf(`cluster.v2.api.${CLUSTER}`), {
    "destination.service_subset": "v2",
    "destination.service": "api",
    ...PLACE,
  });
  for (const [start, subset] of [
    ["f00dcafe~", {}],
    ["passthrough~f00dcafe~", {}],
    ["f00dcafe~v2.", { "destination.service_subset": "v2" }],
  ] as const) {
    assert.deepEqual(
      tagsOf(`cluster.${start}api.${CLUSTER}`),
      { "destination.custom_hash": "f00dcafe", ...subset, "destination.service": "api", ...PLACE },
      start,
    );
  }
  assert.deepEqual(tagsOf(`cluster.passthrough~api.${CLUSTER}`), { "destination.service": "api", ...PLACE });
});

test("the name of a peer's cluster gives the peer in place of a datacenter", () => {
  assert.deepEqual(tagsOf("cluster.v2.api.default.cloud.external.33333333-4444.consul.upstream_cx_total"), {
    "destination.service_subset": "v2",
    "destination.service": "api",
    "destination.namespace": "default",
    "destination.peer": "cloud",
    "destination.routing_type": "external",
    "destination.trust_domain": "33333333-4444",
  });
});

test("the name of an upstream gives its service and its place", () => {
  for (const kind of ["tcp", "http"]) {
    assert.deepEqual(tagsOf(`${kind}.upstream.api.default.default.dc1.downstream_cx_total`), {
      "upstream.service": "api",
      "upstream.namespace": "default",
      "upstream.partition": "default",
      "upstream.datacenter": "dc1",
    });
  }
});

test("other names give none", () => {
  for (const name of ["cluster.local_agent.upstream_cx_total", "http.public_listener.downstream_rq_total"])
    assert.deepEqual(tagsOf(name), {});
});
