import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { defaults, everyProxy, meshEntry } from "./support/entries.ts";
import { issue, newAuthority } from "./support/outside-authority.ts";
import { PROXY_GROUP, RedirectedNamespace } from "./support/redirected-namespace.ts";
import { APPLICATION_PORT } from "./support/registration.ts";
import { TestMesh } from "./support/test-mesh.ts";

const run = promisify(execFile);
const TLS_PORT = 8443;

describe("service-defaults Destination", () => {
  let namespace: RedirectedNamespace;
  let mesh: TestMesh;
  let folder: string;
  let tls: Server;
  /** Those of the instances of shop, which is outside. */
  let [first, second] = ["", ""];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-destinations-"));
    namespace = await RedirectedNamespace.make();
    [first, second] = [namespace.address(4), namespace.address(5)];
    const hosts = join(folder, "hosts");
    writeFileSync(hosts, `${first} one.example\n${second} two.example\n`);
    const runner = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts];
    const plans = [
      { service: "web", within: { namespace: namespace.name, group: PROXY_GROUP } },
      { service: "out", gateway: "terminating-gateway" as const, runner },
      { service: "db" },
      { service: "shop", outside: true, instances: [{}, {}] },
    ];
    mesh = await TestMesh.start(plans, { addressOf: (host) => namespace.address(host) });
    const files = await issue(folder, "two", "two.example", await newAuthority(folder, "authority"), 9);
    const [cert, key] = [readFileSync(files.certificate), readFileSync(files.key)];
    tls = createServer({ cert, key }, (_request, response) => response.end("by TLS"));
    tls.listen(TLS_PORT, second);
    await once(tls, "listening");
  });
  after(async () => {
    tls?.close();
    tls?.closeAllConnections();
    await mesh?.[Symbol.asyncDispose]();
    await namespace?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const transparent = everyProxy({ Mode: "transparent" });
  const linked = { Kind: "terminating-gateway", Name: "out", Services: [{ Name: "far" }] };
  const far = (Addresses: readonly string[], Port: number, Protocol = "tcp") =>
    defaults("far", { Protocol, Destination: { Addresses, Port } });
  const only = meshEntry({ TransparentProxy: { MeshDestinationsOnly: true } });
  const deny = { Kind: "service-intentions", Name: "far", Sources: [{ Name: "web", Action: "deny" }] };

  /** What a program in the namespace is answered, that knows nothing of a mesh. `at`: where it finds every host. */
  const ask = async (url: string, at = first): Promise<string> => {
    const found = ["--resolve", `*:80:${at}`, "--connect-to", `::${at}:`];
    const words = ["curl", "-sk", "-m", "5", ...found, "-w", " %{http_code}", url];
    const { stdout } = await run("ip", ["netns", "exec", namespace.name, ...words]).catch(
      (error: { stdout: string }) => error,
    );
    return stdout;
  };
  /** How many connections the gateway has taken. */
  const taken = async (): Promise<number> => {
    const stats = await mesh.member("out-1").envoy.stats("^listener.*downstream_cx_total$");
    return Object.entries(stats)
      .filter(([name]) => !name.includes("admin") && !name.includes("worker"))
      .reduce((sum, [, count]) => sum + count, 0);
  };
  const throughGateway = async (url: string, at = first) => {
    const before = await taken();
    const answer = await ask(url, at);
    return [answer, (await taken()) - before] as const;
  };

  it("Addresses with an address: connections to it go through the gateway, and each to the host that was meant", async () => {
    await mesh.scene({ entries: [transparent, linked, far([first, second], APPLICATION_PORT)] });
    assert.deepEqual(await throughGateway(`http://${first}:8080/`), ["shop-1 200", 1]);
    assert.deepEqual(await throughGateway(`http://${second}:8080/`, second), ["shop-2 200", 1]);
  });

  it("Port: connections to another port of the host go on as they are", async () => {
    await mesh.scene({ entries: [transparent, linked, far([second], APPLICATION_PORT)] });
    assert.deepEqual(await throughGateway(`https://${second}:${TLS_PORT}/`, second), ["by TLS 200", 0]);
  });

  it("Addresses with a name, http: by the request's host", async () => {
    const named = far(["one.example", "two.example"], APPLICATION_PORT, "http");
    await mesh.scene({ entries: [transparent, linked, named] });
    assert.deepEqual(await throughGateway("http://one.example:8080/"), ["shop-1 200", 1]);
    assert.deepEqual(await throughGateway("http://two.example:8080/"), ["shop-2 200", 1]);
    assert.deepEqual(await throughGateway("http://three.example:8080/"), ["shop-1 200", 0]);
  });

  it("Addresses with a name, tcp: by the server name of TLS", async () => {
    await mesh.scene({ entries: [transparent, linked, far(["two.example"], TLS_PORT)] });
    assert.deepEqual(await throughGateway(`https://two.example:${TLS_PORT}/`), ["by TLS 200", 1]);
  });

  it("MeshDestinationsOnly leaves them and nothing else outside", async () => {
    await mesh.scene({ entries: [transparent, linked, only, far([first], APPLICATION_PORT)] });
    assert.equal(await ask(`http://${first}:8080/`), "shop-1 200");
    assert.equal(await ask(`http://${second}:8080/`, second), " 000");
  });

  it("an intention that denies them leaves no way", async () => {
    await mesh.scene({ entries: [transparent, linked, far([first], APPLICATION_PORT), deny] });
    assert.equal(await ask(`http://${first}:8080/`), " 000");
    assert.equal(await ask(`http://${second}:8080/`, second), "shop-2 200", "others are nobody's");
    await mesh.scene({ entries: [transparent, linked, far(["two.example"], TLS_PORT), deny] });
    assert.equal(await ask(`https://two.example:${TLS_PORT}/`, second), " 000");
  });

  it("a gateway of the wildcard leads to them too", async () => {
    const all = { ...linked, Services: [{ Name: "*" }] };
    await mesh.scene({ entries: [transparent, all, far([first], APPLICATION_PORT)] });
    assert.deepEqual(await throughGateway(`http://${first}:8080/`), ["shop-1 200", 1]);
  });

  it("services of the mesh are reached at the same port as before", async () => {
    await mesh.scene({
      entries: [transparent, linked, far([first], APPLICATION_PORT), defaults("db")],
    });
    const address = await mesh.until(
      "db has an address",
      () => mesh.server.mesh.virtualAddress("db")?.Address,
    );
    assert.equal(await ask(`http://${address}:8080/`, address), "db-1 200");
  });
});
