import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { until } from "../support/wait.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { keySet, token } from "./support/token.ts";

const OKTA = "https://okta.example";
const AUTH0 = "https://auth0.example";

const http: WrittenEntry = { Kind: "service-defaults", Name: "api", Protocol: "http" };
const JWKS = Buffer.from(keySet).toString("base64");

const provider = (Name: string, Issuer: string, more: object = {}): WrittenEntry => ({
  Kind: "jwt-provider",
  Name,
  Issuer,
  JSONWebKeySet: { Local: { JWKS } },
  ...more,
});
const okta = provider("okta", OKTA);
const asking = (Name: string, VerifyClaims: object[] = []) => ({ Providers: [{ Name, VerifyClaims }] });
const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });

for (const policy of ["allow", "deny"] as const) {
  describe(`tokens, where the default is to ${policy}`, () => {
    let mesh: TestMesh;
    let keys: Server;
    before(async () => {
      mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }], {
        defaultPolicy: policy,
      });
      keys = createServer((_request, response) => response.end(keySet)).listen(0, "127.0.0.1");
      await once(keys, "listening");
    });
    after(async () => {
      await mesh[Symbol.asyncDispose]();
      keys.close();
    });

    const scene = (entry: object, ...providers: WrittenEntry[]) =>
      mesh.scene({ entries: [http, ...providers, { Kind: "service-intentions", Name: "api", ...entry }] });
    const status = async (options = {}, path = "/") => (await mesh.call("api", path, options)).status;
    const allowed = [{ Name: "web", Action: "allow" }];

    it("a request without one, or with a wrong one, is denied as any other", async () => {
      await scene({ JWT: asking("okta"), Sources: allowed }, okta);
      const { status: without, body } = await mesh.call("api");
      assert.deepEqual([without, body], [403, "RBAC: access denied"]);
      assert.equal(await status(bearer(token(OKTA))), 200);
      assert.equal(await status(bearer(token(AUTH0))), 403, "of another issuer");
      assert.equal(
        await status(bearer(`${token(OKTA).slice(0, -8)}AAAAAAAA`)),
        403,
        "with a wrong signature",
      );
      assert.equal(await status(bearer(token(OKTA, { exp: 1_000_000 }))), 403, "out of date");
      assert.equal(
        await status(bearer(token(OKTA, { exp: Math.floor(Date.now() / 1000) - 10 }))),
        200,
        "within the skew of clocks",
      );
    });

    it("what it says is looked at, wherever it says it", async () => {
      const claim = { Path: ["perms", "role"], Value: "admin" };
      await scene({ JWT: asking("okta", [claim]), Sources: allowed }, okta);
      assert.equal(await status(bearer(token(OKTA, { perms: { role: "admin" } }))), 200);
      assert.equal(await status(bearer(token(OKTA, { perms: { role: "user" } }))), 403);
      assert.equal(await status(bearer(token(OKTA))), 403);
    });

    it("a permission asks for its own, beside that of all", async () => {
      const locations = { Locations: [{ Header: { Name: "x-auth0" } }] };
      const Permissions = [
        { Action: "allow", HTTP: { PathPrefix: "/admin" }, JWT: asking("auth0") },
        { Action: "allow", HTTP: { PathPrefix: "/" } },
      ];
      const entry = { JWT: asking("okta"), Sources: [{ Name: "web", Permissions }] };
      await scene(entry, okta, provider("auth0", AUTH0, locations));
      const both = { headers: { authorization: `Bearer ${token(OKTA)}`, "x-auth0": token(AUTH0) } };
      assert.equal(await status(both, "/admin"), 200);
      assert.equal(await status(bearer(token(OKTA)), "/admin"), 403);
      assert.equal(await status({ headers: { "x-auth0": token(AUTH0) } }, "/admin"), 403);
      assert.equal(await status(bearer(token(OKTA)), "/other"), 200);
      assert.equal(await status({}, "/other"), 403);
    });

    it("any of several providers suffices", async () => {
      const JWT = { Providers: [{ Name: "okta" }, { Name: "auth0" }] };
      await scene({ JWT, Sources: allowed }, okta, provider("auth0", AUTH0));
      assert.equal(await status(bearer(token(OKTA))), 200);
      assert.equal(await status(bearer(token(AUTH0))), 200);
      assert.equal(await status(bearer(token("https://other.example"))), 403);
    });

    it("it comes in a header, the query or a cookie, and is for an audience", async () => {
      const Locations = [
        { Header: { Name: "x-token", ValuePrefix: "Token " } },
        { QueryParam: { Name: "t" } },
        { Cookie: { Name: "session" } },
      ];
      await scene(
        { JWT: asking("okta"), Sources: allowed },
        provider("okta", OKTA, { Locations, Audiences: ["api"] }),
      );
      const good = token(OKTA, { aud: "api" });
      assert.equal(await status({ headers: { "x-token": `Token ${good}` } }), 200);
      assert.equal(await status({}, `/?t=${good}`), 200);
      assert.equal(await status({ headers: { cookie: `session=${good}` } }), 200);
      assert.equal(await status(bearer(good)), 403);
      assert.equal(
        await status({ headers: { "x-token": `Token ${token(OKTA)}` } }),
        403,
        "of another audience",
      );
    });

    it("it is kept from the application, which may be told its content", async () => {
      const Forwarding = { HeaderName: "x-claims" };
      await scene({ JWT: asking("okta"), Sources: allowed }, provider("okta", OKTA, { Forwarding }));
      await status({ headers: { authorization: `Bearer ${token(OKTA)}`, "x-claims": "forged" } });
      const { headers } = mesh.application("api-1").received[0] ?? {};
      assert.equal(headers?.["authorization"], undefined);
      const claims = JSON.parse(Buffer.from(headers?.["x-claims"] ?? "", "base64url").toString());
      assert.equal(claims.iss, OKTA);
    });

    it("its keys are fetched where the provider has them", async () => {
      const { port } = keys.address() as AddressInfo;
      for (const FetchAsynchronously of [false, true]) {
        const Remote = { URI: `http://127.0.0.1:${port}/keys`, FetchAsynchronously };
        const remote = provider(`remote-${FetchAsynchronously}`, OKTA, { JSONWebKeySet: { Remote } });
        await scene({ JWT: asking(remote.Name), Sources: allowed }, remote);
        await until("the keys are there", async () => (await status(bearer(token(OKTA)))) === 200, 5000);
        assert.equal(await status(), 403);
      }
    });

    it("tcp: who would need one is denied, for nobody sees it", async () => {
      await mesh.scene({
        entries: [okta, { Kind: "service-intentions", Name: "api", JWT: asking("okta"), Sources: allowed }],
      });
      assert.equal((await mesh.callTcp("api")).body, "");
    });
  });
}
