import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import type { Server } from "#server/server.ts";
import { watchTemplateData } from "#server/template-data.ts";
import { type ApiOnly, startApi } from "../../test/support/api-only.ts";

describe("keys and variables", () => {
  let api: ApiOnly;
  let server: Server;
  let nomad: FastifyInstance;
  let consul: FastifyInstance;
  before(async () => {
    api = await startApi({ defaultPolicy: "allow" });
    ({ server, nomad, consul } = api);
  });
  after(() => api[Symbol.asyncDispose]());

  const put = async (path: string, payload: string) =>
    (await consul.inject({ method: "PUT", url: `/v1/kv/${path}`, payload })).json();

  it("keeps values of any bytes, and finds them by key, by prefix and as folders", async () => {
    assert.equal(await put("app/colour", "red"), true);
    assert.equal(await put("app/deep/x", '{"not": "parsed"}'), true);
    const [entry] = (await consul.inject("/v1/kv/app/colour")).json();
    assert.deepEqual([entry.Key, entry.Value, entry.Flags], ["app/colour", "cmVk", 0]);
    assert.equal((await consul.inject("/v1/kv/app/deep/x?raw")).body, '{"not": "parsed"}');
    assert.equal((await consul.inject("/v1/kv/app/?recurse")).json().length, 2);
    assert.deepEqual((await consul.inject("/v1/kv/app/?keys&separator=/")).json(), [
      "app/colour",
      "app/deep/",
    ]);
    assert.equal((await consul.inject("/v1/kv/none")).statusCode, 404);
    assert.equal(await put("app/colour?cas=1", "blue"), false);
    assert.equal(await put(`app/colour?cas=${entry.ModifyIndex}`, "blue"), true);
    assert.equal((await consul.inject({ method: "DELETE", url: "/v1/kv/app?recurse" })).json(), true);
    assert.equal((await consul.inject("/v1/kv/app/?recurse")).statusCode, 404);
  });

  it("keeps variables, and refuses to overwrite what somebody else has changed", async () => {
    const write = (path: string, Items: object, query = "") =>
      nomad.inject({ method: "PUT", url: `/v1/var/${path}${query}`, payload: { Items } });
    const first = (await write("nomad/jobs/web", { user: "a" })).json();
    assert.deepEqual(first.Items, { user: "a" });
    const conflict = await write("nomad/jobs/web", { user: "b" }, "?cas=0");
    assert.equal(conflict.statusCode, 409);
    assert.deepEqual(conflict.json().Items, { user: "a" });
    assert.equal((await write("nomad/jobs/web", { user: "c" }, `?cas=${first.ModifyIndex}`)).statusCode, 200);
    const listed = (await nomad.inject("/v1/vars?prefix=nomad")).json();
    assert.deepEqual(
      listed.map(({ Path, Items }: Record<string, unknown>) => [Path, Items]),
      [["nomad/jobs/web", undefined]],
    );
    for (const [path, items, problem] of [
      ["nomad/other", { a: "b" }, /reserved/],
      ["a b", { a: "b" }, /is not one/],
      ["x", {}, /at least one item/],
      ["x", { a: 1 }, /object of texts/],
      ["x", { a: "y".repeat(70_000) }, /65536 are allowed/],
    ] as const) {
      const refused = await write(encodeURI(path), items);
      assert.equal(refused.statusCode, 400, path);
      assert.match(refused.body, problem);
    }
    await nomad.inject({ method: "DELETE", url: "/v1/var/nomad/jobs/web" });
    assert.equal((await nomad.inject("/v1/var/nomad/jobs/web")).statusCode, 404);
  });

  it("tells templates of a key when it comes, and gives them roots and certificates", async () => {
    const stop = new AbortController();
    const values = watchTemplateData(server, { kind: "key", key: "watched" }, stop.signal);
    assert.equal((await values.next()).value, null);
    await put("watched", "here");
    assert.equal((await values.next()).value, "here");
    const roots = await watchTemplateData(server, { kind: "roots" }, stop.signal).next();
    assert.match(roots.value?.[0]?.pem ?? "", /BEGIN CERTIFICATE/);
    const leaves = watchTemplateData(server, { kind: "leaf", service: "web" }, stop.signal);
    const first = (await leaves.next()).value ?? (await leaves.next()).value;
    assert.match(first?.CertPEM ?? "", /BEGIN CERTIFICATE/);
    stop.abort();
    assert.equal((await leaves.next()).done, true);
  });
});
