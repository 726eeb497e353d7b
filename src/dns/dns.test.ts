import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { decode, encode } from "dns-packet";
import fc from "fast-check";
import { silentLog } from "#model/log.ts";
import { answer, type Directory, type Instance } from "./answer.ts";
import { parseName } from "./name.ts";
import { DnsServer } from "./server.ts";

const instance = (address: string, port: number, tags: readonly string[] = []): Instance => ({
  node: "n1",
  address,
  port,
  tags,
  weight: 1,
});

const instances: Readonly<Record<string, readonly Instance[]>> = {
  web: [instance("10.0.0.1", 8080, ["v1"]), instance("10.0.0.2", 8081, ["v2"])],
  many: Array.from({ length: 120 }, (_, i) => instance(`10.1.0.${i}`, 8000 + i)),
};

const directory: Directory = {
  datacenter: "dc1",
  instances: (service) => instances[service] ?? [],
  virtualAddress: (service, peer) =>
    service === "web" ? ({ "": "240.0.0.1", cloud: "240.0.0.2" }[peer] ?? null) : null,
  nodeAddress: (node) => (node === "n1" ? "10.0.0.1" : null),
};

describe("names of the consul domain", () => {
  it("are read in every form that Consul has", () => {
    const read = (name: string) => parseName(name);
    assert.deepEqual(read("web.service.consul."), {
      kind: "service",
      service: "web",
      tag: null,
      datacenter: null,
    });
    assert.deepEqual(read("V1.Web.Service.DC1.Consul"), {
      kind: "service",
      service: "web",
      tag: "v1",
      datacenter: "dc1",
    });
    assert.deepEqual(read("_web._tcp.service.consul"), {
      kind: "service",
      service: "web",
      tag: null,
      datacenter: null,
    });
    for (const place of ["dc1", "dc1.dc", "default.ns.default.ap.dc1.dc"]) {
      const peer = place === "dc1" ? "dc1" : null;
      const virtual = { kind: "virtual", service: "web", datacenter: "dc1", peer };
      assert.deepEqual(read(`web.virtual.${place}.consul`), virtual);
    }
    for (const place of ["cloud.peer", "default.ns.default.ap.cloud.peer"]) {
      const virtual = { kind: "virtual", service: "web", datacenter: null, peer: "cloud" };
      assert.deepEqual(read(`web.virtual.${place}.consul`), virtual);
    }
    assert.deepEqual(read("web.service.cloud.peer.consul"), { kind: "unknown" });
    assert.deepEqual(read("web.virtual.other.ns.consul"), { kind: "unknown" });
    assert.deepEqual(read("_web._v1.service.consul"), {
      kind: "service",
      service: "web",
      tag: "v1",
      datacenter: null,
    });
    assert.deepEqual(read("web.virtual.consul"), {
      kind: "virtual",
      service: "web",
      datacenter: null,
      peer: null,
    });
    assert.deepEqual(read("node.with.dots.node.dc2.consul"), {
      kind: "node",
      node: "node.with.dots",
      datacenter: "dc2",
    });
    assert.deepEqual(read("web.consul"), { kind: "unknown" });
    assert.deepEqual(read("service.consul"), { kind: "unknown" });
    assert.equal(read("example.com"), null);
  });

  it("are never misread, whatever they are made of", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (labels) => {
        const name = `${labels.join(".")}.consul`;
        assert.notEqual(parseName(name), null);
        assert.notEqual(answer(directory, name, "A").kind, "elsewhere");
      }),
    );
  });
});

describe("DNS server", () => {
  let server: DnsServer;
  let port: number;
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  before(async () => {
    const probe = createSocket("udp4").bind(0, "127.0.0.1");
    await once(probe, "listening");
    port = probe.address().port;
    probe.close();
    await once(probe, "close");
    server = await DnsServer.start({
      directory,
      askDatacenter: async () => null,
      address: "127.0.0.1",
      port,
      log: silentLog,
    });
    resolver.setServers([`127.0.0.1:${port}`]);
  });
  after(() => server.close());

  it("answers a resolver with the addresses of a service, of a tag, of a node, and of a whole service", async () => {
    assert.deepEqual((await resolver.resolve4("web.service.consul")).sort(), ["10.0.0.1", "10.0.0.2"]);
    assert.deepEqual(await resolver.resolve4("v2.web.service.dc1.consul"), ["10.0.0.2"]);
    assert.deepEqual(await resolver.resolve4("n1.node.consul"), ["10.0.0.1"]);
    assert.deepEqual(await resolver.resolve4("web.virtual.consul"), ["240.0.0.1"]);
    assert.deepEqual(await resolver.resolve4("web.virtual.dc1.consul"), ["240.0.0.1"]);
    assert.deepEqual(await resolver.resolve4("web.virtual.cloud.consul"), ["240.0.0.2"]);
    assert.deepEqual(await resolver.resolve4("web.virtual.cloud.peer.consul"), ["240.0.0.2"]);
    await assert.rejects(resolver.resolve4("api.virtual.cloud.peer.consul"), { code: "ENOTFOUND" });
  });

  it("gives port and name of each instance, by which its address is found", async () => {
    const records = await resolver.resolveSrv("_web._tcp.service.consul");
    assert.deepEqual(
      records.sort((a, b) => a.port - b.port).map(({ name, port }) => [name, port]),
      [
        ["n1.node.dc1.consul", 8080],
        ["0a000002.addr.dc1.consul", 8081],
      ],
    );
    assert.deepEqual(await resolver.resolve4("0a000002.addr.dc1.consul"), ["10.0.0.2"]);
  });

  it("says that a name does not exist, or has no address of the asked kind", async () => {
    await assert.rejects(resolver.resolve4("absent.service.consul"), { code: "ENOTFOUND" });
    await assert.rejects(resolver.resolve4("web.service.dc9.consul"), { code: "ENOTFOUND" });
    await assert.rejects(resolver.resolve6("web.service.consul"), { code: "ENODATA" });
  });

  it("sends a long answer by TCP, when a datagram has no room for it", async () => {
    assert.equal((await resolver.resolve4("many.service.consul")).length, 120);
    const udp = await overUdp(
      encode({ type: "query", id: 7, questions: [{ type: "A", name: "many.service.consul" }] }),
    );
    assert.deepEqual([decode(udp).flag_tc, decode(udp).answers?.length, udp.length <= 512], [true, 0, true]);
  });

  it("goes on answering whatever it is sent", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const datagrams = createSocket("udp4");
        datagrams.send(bytes, port, "127.0.0.1", () => datagrams.close());
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.end(bytes);
        await once(socket, "close");
      }),
      { numRuns: 50 },
    );
    assert.deepEqual(await resolver.resolve4("n1.node.consul"), ["10.0.0.1"]);
  });

  async function overUdp(query: Buffer): Promise<Buffer> {
    const socket = createSocket("udp4");
    socket.send(query, port, "127.0.0.1");
    const [message] = (await once(socket, "message")) as [Buffer];
    socket.close();
    return message;
  }
});
