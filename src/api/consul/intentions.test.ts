import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { type ApiOnly, startApi } from "../../../test/support/api-only.ts";

describe("/v1/connect/intentions", () => {
  let api: ApiOnly;
  let app: FastifyInstance;
  before(async () => {
    api = await startApi();
    app = api.consul;
  });
  after(() => api[Symbol.asyncDispose]());

  const send = (method: "PUT" | "POST" | "DELETE", url: string, payload?: object) =>
    app.inject({ method, url: `/v1${url}`, ...(payload && { payload }) });
  const get = async (url: string) => (await app.inject(`/v1${url}`)).json();
  const exact = (source: string, destination: string) =>
    `/connect/intentions/exact?source=${source}&destination=${destination}`;

  it("keeps one source of its destination's entry for each, whole", async () => {
    const Permissions = [{ Action: "allow", HTTP: { PathPrefix: "/", Methods: ["get"] } }];
    const Meta = { owner: "team-a" };
    const written = { SourceName: "web", DestinationName: "api", Permissions, Description: "pages", Meta };
    assert.equal((await send("PUT", exact("web", "api"), written)).body, "true");
    const read = await get(exact("web", "api"));
    assert.deepEqual(
      [read.SourceName, read.Precedence, read.Description, read.Meta, read.Action],
      ["web", 9, "pages", Meta, undefined],
    );
    assert.equal(read.Permissions[0].HTTP.PathPrefix, "/");
    const { Sources } = await get("/config/service-intentions/api");
    assert.equal(Sources[0].Permissions[0].HTTP.Methods[0], "get");
    assert.equal((await send("PUT", exact("web", "api"), read)).statusCode, 200, "takes back what it gave");
  });

  it("leaves the entry's own fields as they are", async () => {
    const keys = Buffer.from('{"keys":[{"kty":"oct"}]}').toString("base64");
    await send("PUT", "/config", {
      Kind: "jwt-provider",
      Name: "okta",
      JSONWebKeySet: { Local: { JWKS: keys } },
    });
    const JWT = { Providers: [{ Name: "okta" }] };
    const entry = {
      Kind: "service-intentions",
      Name: "db",
      JWT,
      Meta: { a: "b" },
      Sources: [{ Name: "web", Action: "deny" }],
    };
    assert.equal((await send("PUT", "/config", entry)).body, "true");
    await send("PUT", exact("*", "db"), { Action: "allow" });
    const after = await get("/config/service-intentions/db");
    assert.deepEqual(
      [after.JWT.Providers[0].Name, after.Meta, after.Sources.length],
      ["okta", { a: "b" }, 2],
    );
  });

  it("refuses what entries would refuse, and what contradicts the query", async () => {
    const refused = async (payload: object) => {
      const { statusCode, body } = await send("PUT", exact("web", "api"), payload);
      assert.equal(statusCode, 400);
      return body;
    };
    assert.match(await refused({ Action: "maybe" }), /Action.*"allow"/);
    assert.match(await refused({}), /Action.*Permissions/);
    assert.match(await refused({ Action: "allow", SourceName: "batch" }), /SourceName must match/);
    assert.match(
      await refused({ Permissions: [{ Action: "allow", HTTP: { PathExact: "x" } }] }),
      /PathExact.*begins with/,
    );
    assert.match(await refused({ Action: "allow", Permisions: [] }), /"Permissions"/);
    const wildcard = await send("PUT", exact("web", "*"), {
      Permissions: [{ Action: "allow", HTTP: { PathExact: "/" } }],
    });
    assert.match(wildcard.body, /wildcard destination/);
    const JWT = { Providers: [{ Name: "nobody" }] };
    const permission = { Action: "allow", HTTP: { PathExact: "/" }, JWT };
    assert.match(await refused({ Permissions: [permission] }), /no jwt-provider named "nobody"/);
    assert.match(
      (await send("DELETE", "/config/jwt-provider/okta")).body,
      /in use by service-intentions\/db/,
    );
  });

  it("checks whole connections: what depends on requests is denied", async () => {
    const check = async (source: string, destination: string) =>
      (await get(`/connect/intentions/check?source=${source}&destination=${destination}`)).Allowed;
    await send("PUT", exact("batch", "api"), { Action: "allow" });
    assert.deepEqual(
      [
        await check("batch", "api"),
        await check("web", "api"),
        await check("other", "api"),
        await check("other", "db"),
      ],
      [true, false, false, false],
    );
    assert.equal(await check("default/batch", "default/default/api"), true);
    assert.equal(
      (await app.inject("/v1/connect/intentions/check?source=a/b&destination=api")).statusCode,
      400,
    );
  });

  it("finds what matches several names, by source or by destination", async () => {
    await send("PUT", exact("*", "*"), { Action: "deny" });
    const found = await get("/connect/intentions/match?by=destination&name=api&name=db");
    const pairs = (list: { SourceName: string; DestinationName: string }[]) =>
      list.map(({ SourceName, DestinationName }) => `${SourceName} ${DestinationName}`);
    assert.deepEqual(pairs(found.api), ["batch api", "web api", "* *"]);
    assert.deepEqual(pairs(found.db), ["web db", "* db", "* *"]);
    const bySource = await get("/connect/intentions/match?by=source&name=web");
    assert.deepEqual(pairs(bySource.web), ["web api", "web db", "* db", "* *"]);
  });

  it("tells the sources of peers from its own", async () => {
    await send("PUT", `${exact("web", "api")}&source-peer=cloud`, { Action: "deny" });
    assert.equal((await get(`${exact("web", "api")}&source-peer=cloud`)).SourcePeer, "cloud");
    assert.equal((await get(exact("web", "api"))).SourcePeer, undefined);
    assert.equal((await send("DELETE", `${exact("web", "api")}&source-peer=cloud`)).statusCode, 200);
    assert.equal((await get(exact("web", "api"))).Permissions.length, 1);
  });

  it("gives ids to those of the older interface, and to no others", async () => {
    const old = { SourceName: "cron", DestinationName: "api", Action: "allow", Meta: { old: "yes" } };
    const { ID } = (await send("POST", "/connect/intentions", old)).json();
    const read = await get(`/connect/intentions/${ID}`);
    assert.deepEqual([read.ID, read.SourceName, read.Meta.old], [ID, "cron", "yes"]);
    assert.match((await send("POST", "/connect/intentions", old)).body, /duplicate/);
    await send("PUT", `/connect/intentions/${ID}`, { ...old, Action: "deny" });
    assert.equal((await get(exact("cron", "api"))).Action, "deny");
    assert.equal((await send("DELETE", `/connect/intentions/${ID}`)).body, "true");
    assert.equal((await app.inject(`/v1/connect/intentions/${ID}`)).statusCode, 404);
  });

  it("lists and deletes, the last source with its entry", async () => {
    const all = (await get("/connect/intentions")) as { SourceName: string; DestinationName: string }[];
    for (const { SourceName, DestinationName } of all)
      await send("DELETE", exact(SourceName, DestinationName));
    assert.deepEqual(await get("/connect/intentions"), []);
    assert.deepEqual(await get("/config/service-intentions"), []);
  });
});
