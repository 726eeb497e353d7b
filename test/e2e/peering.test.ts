import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import type { AllocationDetail, AllocationView } from "../../src/cli/views.ts";
import { callTls } from "../mesh/support/tls-client.ts";
import { until } from "../support/wait.ts";
import { type Machine, type Machines, machines } from "./support/machines.ts";
import { allocationOf } from "./support/mesh.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "../../examples/two-meshes");
const run = promisify(execFile);
/** What a request carries that nobody on the way may see. */
const MARK = "c7d1f0-in-the-clear";

interface Mesh {
  readonly machine: Machine;
  readonly agent: TestAgent;
}

interface Roots {
  readonly TrustDomain: string;
  readonly Roots: readonly { readonly RootCert: string }[];
}

interface Address {
  readonly Address: string;
  readonly Port: number;
}

describe("two meshes on machines of their own, joined by their gateways alone", () => {
  let network: Machines;
  let home: Mesh;
  let cloud: Mesh;
  let web: AllocationDetail;

  before(async () => {
    network = machines();
    const start = async (name: string): Promise<Mesh> => {
      const machine = await network.add(name);
      return { machine, agent: await startAgent({ machine }) };
    };
    home = await start("home");
    cloud = await start("cloud");
    await cloud.agent.must("job", "run", join(JOBS, "api.nomad.hcl"));
    await write(cloud, { Kind: "service-defaults", Name: "api", Protocol: "http" });
    for (const { agent } of [home, cloud])
      await agent.must("job", "run", "-var", "count=2", join(JOBS, "gateway.nomad.hcl"));
    const early = await home.agent.yurt("job", "run", "-detach", join(JOBS, "web.nomad.hcl"));
    assert.match(early.stdout + early.stderr, /"web" => "api": DestinationPeer: there is no peer "cloud"/);
  });
  after(async () => {
    home?.machine.plug(true);
    cloud?.machine.plug(true);
    await Promise.all([home, cloud].map((mesh) => mesh?.agent[Symbol.asyncDispose]()));
    network?.[Symbol.dispose]();
  });

  const write = async ({ agent }: Mesh, entry: object) => {
    const response = await fetch(`${agent.consulApi}/v1/config`, {
      method: "PUT",
      body: JSON.stringify(entry),
    });
    assert.equal(response.status, 200, await response.text());
  };
  const peering = async ({ agent }: Mesh, name: string) => {
    const response = await fetch(`${agent.consulApi}/v1/peering/${name}`);
    return response.ok ? ((await response.json()) as { State: string; StreamStatus: object }) : null;
  };
  const state = async (mesh: Mesh, name: string) => (await peering(mesh, name))?.State ?? "none";
  const states = async () => [await state(home, "cloud"), await state(cloud, "home")];
  const reached = (...wanted: readonly string[]) =>
    until(`the peerings are ${wanted}`, async () => `${await states()}` === `${wanted}`, 60_000);
  const rootsOf = ({ agent }: Mesh) => agent.get<Roots>("/v1/connect/ca/roots");

  /** What the task of web gets of the api; the reason where it gets nothing. */
  const ask = async (): Promise<string> => {
    const curl = ["curl", "-sS", "-m", "5", "-H", `x-mark: ${MARK}`, `http://127.0.0.1:8080/${MARK}`];
    const [program = "", ...words] = [...home.machine.enter, "ip", "netns", "exec", web.ID, ...curl];
    return run(program, words).then(
      ({ stdout }) => stdout,
      (error: { stderr?: string }) => `failed: ${error.stderr}`,
    );
  };
  const answers = () => until("the api answers", async () => (await ask()).startsWith("seen "), 60_000);

  it("know each other by a token, that is good once", async () => {
    const { agent } = cloud;
    await write(cloud, {
      Kind: "exported-services",
      Name: "default",
      Services: [{ Name: "api", Consumers: [{ Peer: "home" }] }],
    });
    const token = (await agent.must("peering", "generate-token", "-name", "home")).trim();
    assert.equal(await state(cloud, "home"), "PENDING");
    const itself = await agent.yurt("peering", "establish", "-name", "me", "-peering-token", token);
    assert.match(itself.stderr, /PeeringToken: .* a mesh cannot be its own peer/);
    const words = ["peering", "establish", "-name", "cloud", "-peering-token", token];
    await home.agent.must(...words, "-meta", "owner=us");
    await reached("ACTIVE", "ACTIVE");
    const again = await home.agent.yurt("peering", "establish", "-name", "other", "-peering-token", token);
    assert.match(again.stderr, /PeeringToken: it has been used already/);
    assert.equal(await state(home, "other"), "none", "nothing of it is left");
    assert.match(await home.agent.must("peering", "list"), /cloud +ACTIVE +1 +0 +owner=us/);
    assert.match(await agent.must("peering", "exported-services", "-name", "home"), /api/);
  });

  it("call each other's services, and each end knows the other", async () => {
    web = await allocationOf(home.agent, "web");
    await answers();
    const [ours, theirs] = [(await rootsOf(home)).TrustDomain, (await rootsOf(cloud)).TrustDomain];
    const seen = await ask();
    assert.ok(seen.includes(`By=spiffe://${theirs}/ns/default/dc/dc1/svc/api`), seen);
    assert.ok(seen.endsWith(`;URI=spiffe://${ours}/ns/default/dc/dc1/svc/web`), seen);
    const health = `${home.agent.consulApi}/v1/health/service/api?peer=cloud`;
    const rows = (await (await fetch(health)).json()) as { Checks: { Status: string }[] }[];
    assert.deepEqual(
      rows.flatMap(({ Checks }) => Checks.map(({ Status }) => Status)),
      ["passing"],
    );
  });

  it("are crossed by the explanation of a request, and shown with their gateways", async () => {
    const { code, stdout } = await home.agent.yurt("mesh", "explain", "web", "api");
    assert.equal(code, 0, stdout);
    const theirs = (await rootsOf(cloud)).TrustDomain;
    assert.ok(stdout.includes(`who answers must be spiffe://${theirs}/ns/default/dc/dc1/svc/api`), stdout);
    assert.match(stdout, /Endpoints: 2 of 2 healthy/);
    assert.match(stdout, /the intentions of the peer "cloud" decide/);
    assert.match(stdout, /Destination: by mesh gateways, at the peer cloud/);
    const status = await home.agent.must("mesh", "status");
    assert.match(status, /mesh-gateway +mesh gateway +for/);
    assert.match(status, /cloud +ACTIVE +2 +1 +0/);
    const unknown = await home.agent.yurt("mesh", "explain", "web", "api?peer=moon");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stdout, /there is no peer "moon"/);
  });

  it("leave nothing in the clear between them", async () => {
    await using sniffer = await sniff(network.bridge);
    for (const _ of [1, 2, 3]) assert.match(await ask(), /^seen /);
    await until("the requests have passed", async () => sniffer.bytes() > 3000);
    const captured = sniffer.text();
    assert.ok(captured.includes("\x17\x03\x03"), "what passes are records of TLS");
    for (const secret of [MARK, "x-mark", "x-forwarded-client-cert", "HTTP/1.1"])
      assert.ok(!captured.includes(secret), `${secret} is in the clear`);
  });

  describe("at a gateway", () => {
    const gateway = async () => {
      const rows = await (await fetch(`${cloud.agent.consulApi}/v1/catalog/service/mesh-gateway`)).json();
      const [row] = rows as { ServiceTaggedAddresses: { wan: Address } }[];
      const { Address = "", Port = 0 } = row?.ServiceTaggedAddresses.wan ?? {};
      return { address: Address, port: Port };
    };
    const leafOf = async ({ agent }: Mesh, service: string) => {
      const response = await fetch(`${agent.consulApi}/v1/agent/connect/ca/leaf/${service}`);
      const leaf = (await response.json()) as { CertPEM: string; PrivateKeyPEM: string };
      return { certificate: leaf.CertPEM, privateKey: leaf.PrivateKeyPEM };
    };
    const call = async (service: string, leaf: { certificate: string; privateKey: string }) => {
      const { TrustDomain, Roots: roots } = await rootsOf(cloud);
      const authority = roots.map(({ RootCert }) => RootCert).join("");
      const serverName = service.includes(".")
        ? service
        : `${service}.default.default.home.external.${TrustDomain}`;
      return callTls(await gateway(), { serverName, authority, leaf });
    };

    it("gets in who is of the peer, and nobody of a third mesh", async () => {
      assert.match((await call("api", await leafOf(home, "web"))).answer, /^HTTP\/1.1 200/);
      await using third = await startAgent();
      const stranger = { machine: cloud.machine, agent: third };
      const seen = await call("api", await leafOf(stranger, "web"));
      assert.deepEqual([seen.answer, seen.error !== ""], ["", true]);
    });

    it("finds no service that is not exported", async () => {
      const seen = await call("db", await leafOf(home, "web"));
      assert.deepEqual([seen.answer, seen.names], ["", ""]);
    });
  });

  it("deny by the name of the peer", async () => {
    const deny = { Kind: "service-intentions", Name: "api" };
    await write(cloud, { ...deny, Sources: [{ Name: "web", Peer: "home", Action: "deny" }] });
    await until("web is denied", async () => (await ask()).startsWith("RBAC: access denied"));
    await cloud.agent.must("config", "delete", "-kind", "service-intentions", "-name", "api");
    await answers();
  });

  it("go on by the second gateway when the first is killed", async () => {
    const gateways = await cloud.agent.get<AllocationView[]>("/v1/job/mesh-gateway/allocations");
    const running = gateways.filter(({ ClientStatus }) => ClientStatus === "running");
    assert.equal(running.length, 2);
    for (const pid of envoysOf(running[0]?.ID ?? "")) process.kill(pid, "SIGKILL");
    for (const _ of [1, 2, 3, 4, 5]) assert.match(await ask(), /^seen /);
  });

  it("see that the link is cut, and go on by themselves when it is mended", async () => {
    await until("both gateways run", async () => {
      const all = await cloud.agent.get<AllocationView[]>("/v1/job/mesh-gateway/allocations");
      return all.filter(({ ClientStatus }) => ClientStatus === "running").length === 2;
    });
    home.machine.plug(false);
    try {
      await until("cloud misses home", async () => (await state(cloud, "home")) === "FAILING", 60_000);
      await write(cloud, {
        Kind: "service-defaults",
        Name: "api",
        Protocol: "http",
        Meta: { changed: "yes" },
      });
    } finally {
      home.machine.plug(true);
    }
    await reached("ACTIVE", "ACTIVE");
    await answers();
  });

  it("go on when either agent is killed and started again", async () => {
    for (const { agent } of [cloud, home]) {
      await agent.kill("SIGKILL");
      assert.match(await ask(), /^seen /, "what the proxies hold stays");
      await agent.restart();
      await reached("ACTIVE", "ACTIVE");
    }
    await answers();
  });

  it("tell a change of their roots", async () => {
    await cloud.agent.must("connect", "ca", "rotate");
    const { Roots: now } = await rootsOf(cloud);
    assert.equal(now.length, 2);
    await until("the api is certified anew", async () => {
      const { Roots: roots } = await rootsOf(cloud);
      return roots.length === 2;
    });
    for (const _ of [1, 2, 3]) assert.match(await ask(), /^seen /);
  });

  it("refuse what cannot be, naming the field, and write nothing", async () => {
    const refused = async (mesh: Mesh, ...words: readonly string[]) => {
      const { code, stderr } = await mesh.agent.yurt("peering", ...words);
      assert.equal(code, 1);
      return stderr;
    };
    const before = await (await fetch(`${home.agent.consulApi}/v1/peerings`)).json();
    assert.match(
      await refused(home, "establish", "-name", "x", "-peering-token", "bm8="),
      /PeeringToken: it is no peering token/,
    );
    const half = Buffer.from(JSON.stringify({ CA: ["x"] })).toString("base64");
    assert.match(
      await refused(home, "establish", "-name", "x", "-peering-token", half),
      /PeeringToken: its field CA/,
    );
    assert.match(await refused(home, "generate-token", "-name", "No Name"), /PeerName: expected/);
    assert.match(await refused(home, "read", "-name", "nobody"), /Peering not found for "nobody"/);
    assert.match(await refused(home, "delete", "-name", "nobody"), /Peering not found/);
    const short = await cloud.agent.must("peering", "generate-token", "-name", "late", "-ttl", "1s");
    await until("it is over", async () => {
      const stderr = await refused(home, "establish", "-name", "x", "-peering-token", short.trim());
      return /PeeringToken: it was valid until/.test(stderr);
    });
    assert.deepEqual(
      ((await (await fetch(`${home.agent.consulApi}/v1/peerings`)).json()) as { Name: string }[]).map(
        ({ Name }) => Name,
      ),
      (before as { Name: string }[]).map(({ Name }) => Name),
    );
  });

  it("know nothing of each other any more when one of them ends it", async () => {
    await cloud.agent.must("peering", "delete", "-name", "home");
    await until("it is gone", async () => (await state(cloud, "home")) === "none");
    await until("the other side knows", async () => (await state(home, "cloud")) === "TERMINATED");
    await until("nobody answers", async () => !(await ask()).startsWith("seen "));
    const imported = await (await fetch(`${home.agent.consulApi}/v1/imported-services`)).json();
    assert.deepEqual(imported, []);
    await home.agent.must("peering", "delete", "-name", "cloud");
    await until("it is gone there, too", async () => (await state(home, "cloud")) === "none");
  });

  it("become peers again, change their token, and part from the other side", async () => {
    for (const _ of ["first", "second"]) {
      const token = (await cloud.agent.must("peering", "generate-token", "-name", "home")).trim();
      await home.agent.must("peering", "establish", "-name", "cloud", "-peering-token", token);
      await reached("ACTIVE", "ACTIVE");
    }
    await answers();
    await home.agent.must("peering", "delete", "-name", "cloud");
    await reached("none", "TERMINATED");
    await until("nobody answers", async () => !(await ask()).startsWith("seen "));
  });
});

/** The Envoys of an allocation, wherever its namespaces are. */
function envoysOf(allocation: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "envoy" &&
          readFileSync(`/proc/${pid}/environ`, "utf8").includes(`NOMAD_ALLOC_ID=${allocation}`)
        );
      } catch {
        return false;
      }
    });
}

/** Every byte that passes a device. */
async function sniff(device: string) {
  const child: ChildProcess = spawn("tcpdump", ["-i", device, "-s", "0", "-U", "-w", "-", "tcp"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (bytes: Buffer) => chunks.push(bytes));
  if (child.stderr) await once(child.stderr, "data");
  return {
    bytes: () => chunks.reduce((sum, { length }) => sum + length, 0),
    text: () => Buffer.concat(chunks).toString("latin1"),
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, "exit");
      child.kill("SIGINT");
      await exit;
    },
  };
}
