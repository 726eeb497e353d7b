import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import type { RootKey } from "#model/root-key.ts";
import { type ApiOnly, startApi } from "../../../test/support/api-only.ts";

const ROTATE = "/v1/operator/keyring/rotate";

describe("the keyring's routes", () => {
  let api: ApiOnly;
  let nomad: FastifyInstance;
  before(async () => {
    api = await startApi({ oidcIssuer: "https://yurt.example.com/mesh/" });
    ({ nomad } = api);
  });
  after(() => api[Symbol.asyncDispose]());

  const list = async () => (await nomad.inject("/v1/operator/keyring/keys")).json() as RootKey[];
  const rotate = async (query = "", method: "PUT" | "POST" = "PUT") =>
    (await nomad.inject({ method, url: `${ROTATE}${query}` })).json();
  const remove = (id: string, query = "") =>
    nomad.inject({ method: "DELETE", url: `/v1/operator/keyring/key/${id}${query}` });
  const published = async () =>
    ((await nomad.inject("/.well-known/jwks.json")).json().keys as { kid: string }[])
      .map(({ kid }) => kid)
      .sort();
  const ids = (keys: readonly RootKey[]) => keys.map(({ KeyID }) => KeyID).sort();

  it("list, rotate and delete keys in Nomad's form, and never show a private one", async () => {
    const [first, ...none] = await list();
    assert.deepEqual([first?.State, first?.Algorithm, none], ["active", "RS256", []]);
    const { Key, Index } = await rotate("?full=true");
    assert.deepEqual(Object.keys(Key).sort(), [
      ...["Algorithm", "CreateIndex", "CreateTime", "KeyID", "ModifyIndex", "PublishTime", "State"],
    ]);
    assert.equal(Index, Key.ModifyIndex);
    assert.deepEqual(
      (await list()).map(({ KeyID, State }) => [KeyID, State]),
      [
        [Key.KeyID, "active"],
        [first?.KeyID, "inactive"],
      ],
    );
    assert.deepEqual(await published(), ids(await list()));
    const answer = await remove(first?.KeyID ?? "");
    assert.equal(answer.statusCode, 200);
    assert.ok(answer.json().Index > Index);
    assert.deepEqual(await published(), [Key.KeyID]);
    const refused = await remove(Key.KeyID, "?force=true");
    assert.deepEqual(
      [refused.statusCode, refused.body],
      [400, "active root key cannot be deleted - call rotate first"],
    );
    assert.equal((await remove("none")).statusCode, 404);
  });

  it("publish a key before it signs", async () => {
    const time = Date.now() * 1e6 + 3600e9;
    const { Key } = await rotate(`?publish_time=${time}`, "POST");
    assert.deepEqual([Key.State, Key.PublishTime], ["prepublished", time]);
    assert.ok((await published()).includes(Key.KeyID));
    assert.notEqual((await api.server.keyring.signing(0)).id, Key.KeyID);
    const past = await rotate("?publish_time=1");
    assert.equal(past.Key.State, "active");
    const wrong = await nomad.inject({ method: "PUT", url: `${ROTATE}?publish_time=soon` });
    assert.match(wrong.body, /nanoseconds since 1970, not "soon"/);
  });

  it("tell who waits for it that the published keys have changed", async () => {
    const { headers } = await nomad.inject("/.well-known/jwks.json");
    const waiting = nomad.inject(`/.well-known/jwks.json?index=${headers["x-nomad-index"]}`);
    const { Key } = await rotate();
    const { keys } = (await waiting).json();
    assert.ok(keys.some(({ kid }: { kid: string }) => kid === Key.KeyID));
  });

  it("forget at once, when garbage is collected, keys that no token needs", async () => {
    const inactive = async () => (await list()).filter(({ State }) => State === "inactive").length;
    assert.ok((await inactive()) > 0);
    await nomad.inject({ method: "PUT", url: "/v1/system/gc" });
    assert.equal(await inactive(), 0);
  });

  it("tell services that take OIDC tokens where the keys are, once the issuer is named", async () => {
    const found = await nomad.inject("/.well-known/openid-configuration");
    assert.deepEqual(found.json(), {
      issuer: "https://yurt.example.com/mesh/",
      jwks_uri: "https://yurt.example.com/mesh/.well-known/jwks.json",
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    });
    await using other = await startApi();
    const none = await other.nomad.inject("/.well-known/openid-configuration");
    assert.equal(none.statusCode, 404);
    assert.match(none.body, /^OIDC Discovery endpoint disabled: start the server with -oidc-issuer=<url>/);
  });
});
