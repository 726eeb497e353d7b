import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "node:tls";
import { roots } from "../../src/mesh/tables.ts";
import { readCaConfiguration } from "../../src/model/ca-configuration.ts";
import { externalAuthority } from "../support/external-authority.ts";
import { until } from "../support/wait.ts";
import { TestMesh } from "./support/test-mesh.ts";

const LEAF_LIFETIME = 6000;
const PLANS = [{ service: "web", upstreams: ["api"] }, { service: "api" }];

describe("rotation of the root certificate", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start(PLANS, { leafLifetime: LEAF_LIFETIME });
  });
  after(() => mesh[Symbol.asyncDispose]());

  const trusted = () => mesh.server.state.all(roots);
  const active = () => trusted().find(({ Active }) => Active);
  const configure = async (settings: object) => {
    const Config = { LeafCertTTL: LEAF_LIFETIME * 1e6, ...settings };
    const { configuration, problems } = readCaConfiguration({ Config });
    if (configuration === null) throw new Error(JSON.stringify(problems));
    await mesh.server.authority.configure(configuration);
  };

  it("fails no request, whatever key follows which, until the old roots are gone", async () => {
    await mesh.scene({});
    const traffic = callAllTheTime(mesh);
    const steps: Readonly<Record<string, () => Promise<void>>> = {
      "another of its kind": () => mesh.server.authority.rotate(),
      "RSA 2048": () => configure({ PrivateKeyType: "rsa" }),
      "RSA 4096": () => configure({ PrivateKeyType: "rsa", PrivateKeyBits: 4096 }),
      "EC 521": () => configure({ PrivateKeyBits: 521 }),
      "EC 384": () => configure({ PrivateKeyBits: 384 }),
      "one made elsewhere": async () =>
        configure(
          await externalAuthority(mesh.server.mesh.trustDomain(), {
            root: { type: "rsa", bits: 2048 },
            signing: { type: "ec", bits: 384 },
          }),
        ),
      "EC 256": () => configure({}),
    };
    for (const [name, step] of Object.entries(steps)) {
      const before = active();
      await step();
      assert.notEqual(active()?.ID, before?.ID, name);
      const signing = new X509Certificate(active()?.SigningCert ?? "");
      await until(`the api shows a leaf under ${name}`, async () =>
        (await shownBy(mesh, "api-1")).checkIssued(signing),
      );
      await until(`the web shows a leaf under ${name}`, async () =>
        (await shownBy(mesh, "web-1")).checkIssued(signing),
      );
    }
    await until("the old roots are gone", () => trusted().length === 1);
    await pause(LEAF_LIFETIME / 5);
    const { requests, failures } = await traffic.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests > 300, `${requests} requests were made`);
    assert.deepEqual(active()?.IntermediateCerts, [], "nothing of the old roots is shown any more");
  });

  it("keeps a configuration that asks for what is there, without another root", async () => {
    const before = active()?.ID;
    await configure({});
    await configure({ RootCertTTL: "1000h" });
    assert.deepEqual([active()?.ID, trusted().length], [before, 1]);
  });
});

describe("a proxy that hears nothing of a rotation", () => {
  const rotated = async (ForceWithoutCrossSigning: boolean) => {
    const mesh = await TestMesh.start(PLANS, { leafLifetime: 20_000 });
    await mesh.cutOff("web-1");
    await until("the web hears nothing", async () => {
      const stats = await mesh.member("web-1").envoy.stats("control_plane.connected_state");
      return Object.values(stats).every((connected) => connected === 0);
    });
    const Config = { ...mesh.server.authority.configuration.Config, PrivateKeyBits: 384 };
    await mesh.server.authority.configure({
      ...mesh.server.authority.configuration,
      ...{ Config, ForceWithoutCrossSigning },
    });
    const [root] = mesh.server.state.find(roots, "active", "yes");
    const signing = new X509Certificate(root?.SigningCert ?? "");
    await until("the api shows a new leaf", async () => (await shownBy(mesh, "api-1")).checkIssued(signing));
    return mesh;
  };

  it("trusts new leaves by the old root's word, and is trusted by its old leaf", async () => {
    await using mesh = await rotated(false);
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("does not without that word", async () => {
    await using mesh = await rotated(true);
    assert.notEqual((await mesh.call("api")).status, 200);
  });
});

/** Requests over TCP, so that each makes a connection between the proxies, with a handshake of its own. */
function callAllTheTime(mesh: TestMesh) {
  let running = true;
  let requests = 0;
  const failures: string[] = [];
  const load = [1, 2].map(async () => {
    while (running) {
      const { status, error, body } = await mesh.call("api");
      requests += 1;
      if (status !== 200) failures.push(`${status} ${error} ${body}`);
      await pause(5);
    }
  });
  return {
    stop: async () => {
      running = false;
      await Promise.all(load);
      return { requests, failures };
    },
  };
}

/** The certificate that a proxy shows to who connects to it. */
async function shownBy(mesh: TestMesh, id: string): Promise<X509Certificate> {
  const { address } = mesh.member(id).registration;
  const socket = connect({ host: address, port: 21000, rejectUnauthorized: false });
  // It refuses who has no certificate, after it has shown its own.
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  const shown = socket.getPeerX509Certificate();
  socket.destroy();
  if (shown === undefined) throw new Error(`${id} shows no certificate`);
  return shown;
}
