import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { readOnce } from "../../src/mesh/cells.ts";
import { explain } from "../../src/mesh/explain/explain.ts";
import { until } from "../support/wait.ts";
import { defaults, resolver } from "./support/entries.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { type Authority, type Files, issue, newAuthority } from "./support/outside-authority.ts";
import { APPLICATION_PORT } from "./support/registration.ts";
import { TestMesh } from "./support/test-mesh.ts";

type Fields = Readonly<Record<string, unknown>>;

const terminating = (...Services: readonly (string | Fields)[]): WrittenEntry => ({
  ...{ Kind: "terminating-gateway", Name: "out" },
  Services: Services.map((service) => (typeof service === "string" ? { Name: service } : service)),
});
const intention = (Name: string, Source: string, Action: string): WrittenEntry => ({
  ...{ Kind: "service-intentions", Name, Sources: [{ Name: Source, Action }] },
});

describe("a terminating gateway", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["db", "shop"] },
      { service: "out", gateway: "terminating-gateway" },
      { service: "db", outside: true, instances: [{ version: "1" }, { version: "2" }] },
      { service: "shop", outside: true },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  it("carries connections to a service that no proxy stands before", async () => {
    await mesh.scene({ entries: [terminating("db")] });
    await until("it answers", async () => /^db-[12] hello$/.test((await mesh.callTcp("db")).body));
    assert.notEqual((await mesh.callTcp("shop")).error, "", "a service that is not linked stays outside");
  });

  it("carries requests, and sends none to an instance that is ill", async () => {
    const entries = [defaults("db"), terminating("db")];
    await mesh.scene({ entries });
    const both = await mesh.shares("db", 20);
    assert.deepEqual(Object.keys(both).sort(), ["db-1", "db-2"]);
    await mesh.scene({ entries, health: { "db-1": "critical" } });
    await until("db-2 answers alone", async () => Object.keys(await mesh.shares("db", 10)).join() === "db-2");
  });

  it("has behind the wildcard everything that is outside", async () => {
    await mesh.scene({ entries: [defaults("db"), defaults("shop"), terminating("*")] });
    assert.match((await mesh.call("db")).body, /^db-/);
    assert.equal((await mesh.call("shop")).body, "shop-1");
  });

  it("is explained as the way out", async () => {
    await mesh.scene({ entries: [terminating("shop")] });
    const asked = { source: "web", destination: "shop", method: "GET", path: "/", headers: new Map() };
    const { obstacles, ways } = readOnce(() => explain(mesh.server.mesh, asked));
    assert.deepEqual(obstacles, []);
    const { address } = mesh.application("shop-1");
    assert.deepEqual(ways[0]?.local, [{ proxyId: "out-1", address, port: APPLICATION_PORT }]);
  });

  it("lets in whom the intentions of the service outside let in", async () => {
    const entries = [defaults("db"), terminating("db", "shop")];
    await mesh.scene({
      entries: [...entries, intention("db", "web", "deny"), intention("shop", "web", "deny")],
    });
    assert.equal((await mesh.call("db")).status, 403);
    assert.equal((await mesh.callTcp("shop")).body, "");
    await mesh.change({ entries });
    assert.equal((await mesh.call("db")).status, 200);
    assert.equal((await mesh.callTcp("shop")).body, "shop-1 hello");
  });

  it("reaches a subset of the instances", async () => {
    const subsets = resolver("db", {
      DefaultSubset: "v2",
      Subsets: { v2: { Filter: "Service.Meta.version == 2" } },
    });
    await mesh.scene({ entries: [defaults("db"), terminating("db"), subsets] });
    assert.deepEqual(await mesh.shares("db", 10), { "db-2": 10 });
  });

  it("takes a service in and lets it go while requests run", async () => {
    const both = [defaults("db"), defaults("shop")];
    await mesh.scene({ entries: [...both, terminating("db")] });
    const failures: unknown[] = [];
    let isOver = false;
    const running = (async () => {
      while (!isOver) {
        const seen = await mesh.call("db");
        if (seen.status !== 200) failures.push(seen);
      }
    })();
    for (const _ of [1, 2]) {
      await mesh.change({ entries: [...both, terminating("db", "shop")] });
      await until("the shop answers", async () => (await mesh.call("shop")).status === 200);
      await mesh.change({ entries: [...both, terminating("db")] });
      await until("it does no longer", async () => (await mesh.call("shop")).status === 503);
    }
    isOver = true;
    await running;
    assert.deepEqual(failures, []);
  });

  describe("to servers that speak TLS", () => {
    const folder = mkdtempSync(join(tmpdir(), "yurt-outside-"));
    let authority: Authority;
    before(async () => {
      authority = await newAuthority(folder, "authority");
    });
    after(() => rmSync(folder, { recursive: true }));

    /** How often the gateway would not take a server's certificate. */
    const refusals = async () => {
      const stats = await mesh.member("out-1").envoy.stats("shop.*ssl.fail_verify_(san|error)");
      return Object.values(stats).reduce((sum, count) => sum + count, 0);
    };
    const seenBy = async (server: Files, link: Fields) => {
      const { address } = mesh.application("shop-1");
      // The application gives its port to a server with a certificate for the time of the case.
      const https = createServer(
        {
          ...{ cert: readFileSync(server.certificate), key: readFileSync(server.key) },
          ...{
            ca: readFileSync(authority.certificate),
            requestCert: true,
            rejectUnauthorized: "CertFile" in link,
          },
        },
        (request, response) => {
          const { subject } = (request.socket as TLSSocket).getPeerCertificate();
          response.end(`client ${subject?.CN ?? "unknown"}`);
        },
      ).listen(APPLICATION_PORT + 1, address);
      await once(https, "listening");
      try {
        const CAFile = authority.certificate;
        await mesh.scene({
          entries: [
            defaults("shop"),
            terminating({ Name: "shop", CAFile, SNI: "shop.example.com", ...link }),
          ],
          ports: { "shop-1": APPLICATION_PORT + 1 },
        });
        const before = await refusals();
        const { status, body } = await mesh.call("shop");
        return status === 200 ? body : `${status}, ${(await refusals()) - before} refused`;
      } finally {
        https.closeAllConnections();
        https.close();
      }
    };
    const signed = (name: string, host: string, days = 2) => issue(folder, name, host, authority, days);

    it("accepts the right certificate, and shows its own where it is told to", async () => {
      const server = await signed("server", "shop.example.com");
      assert.equal(await seenBy(server, {}), "client unknown");
      const client = await signed("gateway", "gateway.example.com");
      const mutual = { CertFile: client.certificate, KeyFile: client.key };
      assert.equal(await seenBy(server, mutual), "client gateway");
    });

    it("refuses a certificate of another authority, for another host, or one that is over", async () => {
      // At the first attempt and at two more.
      const refused = "503, 3 refused";
      const other = await newAuthority(folder, "other");
      const stranger = await issue(folder, "stranger", "shop.example.com", other, 2);
      assert.equal(await seenBy(stranger, {}), refused);
      assert.equal(await seenBy(await signed("elsewhere", "else.example.com"), {}), refused);
      assert.equal(await seenBy(await signed("over", "shop.example.com", -1), {}), refused);
    });
  });
});
