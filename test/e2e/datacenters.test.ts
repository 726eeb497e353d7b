import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import type { AllocationDetail, AllocationView } from "../../src/cli/views.ts";
import { until } from "../support/wait.ts";
import { type Machine, type Machines, machines } from "./support/machines.ts";
import { allocationOf } from "./support/mesh.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");
const run = promisify(execFile);
const WAN = 8302;
const GATEWAYS = [8443, 8444];

describe("two datacenters of one mesh, each on a machine of its own", () => {
  let network: Machines;
  let [one, two]: Machine[] = [];
  let dc1: TestAgent;
  let dc2: TestAgent;

  before(async () => {
    network = machines();
    [one, two] = [await network.add("one"), await network.add("two")];
    dc1 = await startAgent({ machine: one, flags: ["-datacenter", "dc1", "-wan-port", `${WAN}`] });
    const rsa = { Provider: "consul", Config: { PrivateKeyType: "rsa", PrivateKeyBits: 2048 } };
    await put(dc1, "/v1/connect/ca/configuration", rsa);
    dc2 = await startAgent({
      machine: two,
      flags: [
        ...["-datacenter", "dc2", "-primary-datacenter", "dc1", "-join-wan", `${one.address}:${WAN}`],
        ...["-wan-token-file", join(dc1.dataDir, "server", "wan-token")],
      ],
    });
    // Nothing but the servers' link and the gateways is let through between the machines.
    for (const [machine, from] of [
      [one, two],
      [two, one],
    ] as const)
      shut(machine, from, [WAN, ...GATEWAYS]);
    await until("each knows the other", async () =>
      [await datacenters(dc1), await datacenters(dc2)].every((names) => names === "dc1\ndc2\n"),
    );
  });
  after(async () => {
    await Promise.all([dc1, dc2].map((agent) => agent?.[Symbol.asyncDispose]()));
    network?.[Symbol.dispose]();
  });

  const datacenters = (agent: TestAgent) => agent.must("catalog", "datacenters");
  const consul = async <Result>(agent: TestAgent, path: string) => {
    const answer = await fetch(`${agent.consulApi}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Result;
  };

  /** What answers at a port of the traveller in the first datacenter. */
  const ask = async (port: number) => {
    const { ID } = await allocationOf(dc1, "traveller");
    const words = ["ip", "netns", "exec", ID, "curl", "-s", "-m", "5", `http://127.0.0.1:${port}/`];
    const [program = "", ...before] = one?.enter ?? [];
    return (await run(program, [...before, ...words]).catch(() => ({ stdout: "nothing" }))).stdout;
  };
  const LOCAL_OR_FAILOVER = 5001;
  const IN_DC2 = 5002;

  /** Connections that a datacenter's gateway has handed on. */
  const passed = async (agent: TestAgent) => {
    const rows = await consul<{ ServiceID: string }[]>(agent, "/v1/catalog/service/mesh-gateway");
    const pages = rows.map(async ({ ServiceID }) =>
      (await fetch(`${agent.api}/v1/mesh/proxy/${ServiceID}/stats`)).text(),
    );
    const lines = (await Promise.all(pages)).join("\n");
    const counts = [...lines.matchAll(/^tcp\.mesh_gateway.*downstream_cx_total: (\d+)$/gm)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  };

  it("share a trust domain and a root, under which each signs with a key of its own", async () => {
    interface Roots {
      readonly TrustDomain: string;
      readonly ActiveRootID: string;
      readonly Roots: readonly { readonly ID: string; readonly SigningKeyID: string }[];
    }
    const [first, second] = await Promise.all(
      [dc1, dc2].map((agent) => consul<Roots>(agent, "/v1/connect/ca/roots")),
    );
    assert.equal(first?.TrustDomain, second?.TrustDomain);
    assert.equal(first?.ActiveRootID, second?.ActiveRootID);
    const keyOf = (all: Roots | undefined) =>
      all?.Roots.find(({ ID }) => ID === all.ActiveRootID)?.SigningKeyID;
    assert.notEqual(keyOf(first), keyOf(second));
  });

  it("write config entries and intentions in the primary, and hold them in both", async () => {
    await put(dc2, "/v1/config", { Kind: "service-defaults", Name: "where", Protocol: "http" });
    for (const agent of [dc1, dc2])
      assert.equal(
        (await consul<{ Protocol: string }>(agent, "/v1/config/service-defaults/where")).Protocol,
        "http",
      );
    await put(dc1, "/v1/config", { Kind: "service-defaults", Name: "other", Protocol: "http" });
    await until("the other datacenter holds it", () => consul(dc2, "/v1/config/service-defaults/other"));
    await fetch(`${dc2.consulApi}/v1/config/service-defaults/other`, { method: "DELETE" });
    const { status } = await fetch(`${dc1.consulApi}/v1/config/service-defaults/other`);
    assert.equal(status, 404);
  });

  it("answer what is asked of the other one", async () => {
    await dc2.must("job", "run", join(JOBS, "where.nomad.hcl"));
    const rows = await consul<{ Datacenter: string }[]>(dc1, "/v1/catalog/service/where?dc=dc2");
    assert.deepEqual(
      rows.map(({ Datacenter }) => Datacenter),
      ["dc2"],
    );
    assert.deepEqual(await consul(dc1, "/v1/catalog/service/where"), []);
    const unknown = await fetch(`${dc1.consulApi}/v1/health/service/where?dc=dc9`);
    assert.match(await unknown.text(), /No path to datacenter.*"dc9".*dc1, dc2/);
  });

  it("reach one another through the gateways of both in mode local", async () => {
    for (const agent of [dc1, dc2])
      await agent.must("job", "run", join(JOBS, "datacenter-gateway.nomad.hcl"));
    await dc1.must("job", "run", "-var", "mode=local", join(JOBS, "traveller.nomad.hcl"));
    await until("the service answers", async () => (await ask(IN_DC2)) === "dc2");
    assert.ok((await passed(dc1)) > 0);
    assert.ok((await passed(dc2)) > 0);
  });

  it("tell templates of services in the other one", async () => {
    const { ID } = await allocationOf(dc1, "traveller");
    assert.equal(await dc1.must("alloc", "fs", ID, "wait/local/places"), "where is in dc2\n");
  });

  it("reach the other's gateway from the proxy in mode remote", async () => {
    await dc1.must("job", "run", "-var", "mode=remote", join(JOBS, "traveller.nomad.hcl"));
    await until("the service answers", async () => (await ask(IN_DC2)) === "dc2");
    const [first, second] = [await passed(dc1), await passed(dc2)];
    assert.equal(await ask(IN_DC2), "dc2");
    assert.equal(await passed(dc1), first, "the own gateway is not used");
    assert.ok((await passed(dc2)) >= second);
  });

  it("reach nothing without gateways, where there is no network between them", async () => {
    await dc1.must("job", "run", "-var", "mode=none", join(JOBS, "traveller.nomad.hcl"));
    await until("the proxy finds no way", async () => /^upstream connect error/.test(await ask(IN_DC2)));
    await dc1.must("job", "run", "-var", "mode=local", join(JOBS, "traveller.nomad.hcl"));
    await until("the service answers", async () => (await ask(IN_DC2)) === "dc2");
  });

  it("keep the intentions of both", async () => {
    await dc2.must("intention", "create", "-deny", "traveller", "where");
    await until("the other datacenter's service is denied", async () => /RBAC/.test(await ask(IN_DC2)));
    await dc1.must("intention", "delete", "traveller", "where");
    await until("it is not any longer", async () => (await ask(IN_DC2)) === "dc2");
  });

  it("stand in for one another when no instance is left", async () => {
    await put(dc1, "/v1/config", {
      ...{ Kind: "service-resolver", Name: "where" },
      Failover: { "*": { Datacenters: ["dc2"] } },
    });
    await dc1.must("job", "run", join(JOBS, "where.nomad.hcl"));
    await until("the own one answers", async () => (await ask(LOCAL_OR_FAILOVER)) === "dc1");
    await dc1.must("job", "stop", "-purge", "where");
    await until("the other one answers", async () => (await ask(LOCAL_OR_FAILOVER)) === "dc2");
    await dc1.must("job", "run", join(JOBS, "where.nomad.hcl"));
    await until("the own one answers again", async () => (await ask(LOCAL_OR_FAILOVER)) === "dc1");
  });

  it("reach one another by the second of two gateways when the first is killed", async () => {
    const allocations = await dc2.get<AllocationView[]>("/v1/job/datacenter-gateway/allocations");
    for (const group of ["first", "second"]) {
      const killed = allocations.find(({ TaskGroup }) => TaskGroup === group);
      assert.ok(killed);
      await dc2.must("alloc", "signal", "-s", "SIGKILL", "-task", "connect-mesh-mesh-gateway", killed.ID);
      for (let i = 0; i < 20; i++) assert.equal(await ask(IN_DC2), "dc2");
      await until("it runs again", async () => {
        const { ClientStatus, TaskStates } = await dc2.get<AllocationDetail>(`/v1/allocation/${killed.ID}`);
        const state = TaskStates?.["connect-mesh-mesh-gateway"];
        return ClientStatus === "running" && state?.State === "running" && state.Restarts > 0;
      });
    }
  });

  it("are told apart by mesh explain", async () => {
    const { stdout } = await dc1.yurt("mesh", "explain", "traveller", "where", "/");
    assert.match(stdout, /where\.default\.dc1\.internal/);
    assert.match(stdout, /where\.default\.default\.dc2/);
  });

  it("have the entries of gateways' jobs written in the primary", async () => {
    await dc2.must("job", "run", join(JOBS, "out.nomad.hcl"));
    const path = "/v1/config/terminating-gateway/out";
    await until("the entry holds in both", async () =>
      Promise.all([dc1, dc2].map((agent) => consul(agent, path))),
    );
    await dc2.must("job", "stop", "-purge", "out");
    await until("it is gone", async () => (await fetch(`${dc1.consulApi}${path}`)).status === 404);
  });

  it("go on with what they know while they are cut off, and catch up by themselves", async () => {
    for (const [machine, from] of [
      [one, two],
      [two, one],
    ] as const)
      if (machine && from) shut(machine, from, GATEWAYS);
    await put(dc1, "/v1/config", { Kind: "service-defaults", Name: "later", Protocol: "http" });
    assert.equal(await ask(IN_DC2), "dc2", "requests still cross");
    const asked = async () => (await fetch(`${dc2.consulApi}/v1/catalog/services?dc=dc1`)).text();
    await until("the silence is noticed", async () => /^datacenter dc1 is not reached/.test(await asked()));
    assert.equal((await fetch(`${dc2.consulApi}/v1/config/service-defaults/later`)).status, 404);
    assert.equal(await ask(IN_DC2), "dc2");
    for (const [machine, from] of [
      [one, two],
      [two, one],
    ] as const)
      if (machine && from) shut(machine, from, [WAN, ...GATEWAYS]);
    await until("the entry arrives", () => consul(dc2, "/v1/config/service-defaults/later"));
  });

  it("take up a new root of the primary while requests cross", async () => {
    const before = await consul<{ ActiveRootID: string }>(dc2, "/v1/connect/ca/roots");
    await fetch(`${dc1.consulApi}/v1/connect/ca/rotate`, { method: "PUT" });
    await until("the secondary signs below it", async () => {
      const now = await consul<{ ActiveRootID: string }>(dc2, "/v1/connect/ca/roots");
      return now.ActiveRootID !== before.ActiveRootID;
    });
    for (let i = 0; i < 10; i++) assert.equal(await ask(IN_DC2), "dc2");
  });

  it("find one another again after a start", async () => {
    await dc2.kill("SIGTERM");
    await dc2.restart();
    await until("each knows the other", async () => (await datacenters(dc2)) === "dc1\ndc2\n");
    await until("what is asked is answered", () => consul(dc1, "/v1/catalog/services?dc=dc2"));
    await dc2.must("job", "run", join(JOBS, "where.nomad.hcl"));
    await until("the service answers", async () => (await ask(IN_DC2)) === "dc2");
  });
});

async function put(agent: TestAgent, path: string, body: object): Promise<void> {
  const answer = await fetch(`${agent.consulApi}${path}`, { method: "PUT", body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
}

/** Lets new connections from another machine through to some ports alone. */
function shut({ enter }: Machine, { address }: Machine, ports: readonly number[]): void {
  const [program = "", ...before] = enter;
  const link = ports.includes(WAN) ? "accept" : "drop";
  const rules = `
table ip shut {}
delete table ip shut
table ip shut {
  chain in {
    type filter hook prerouting priority -150;
    ip saddr ${address} tcp dport != { ${ports.join(", ")} } ct state new reject with tcp reset
  }
  chain link {
    type filter hook input priority -150;
    ip saddr ${address} tcp dport ${WAN} ${link}
    ip saddr ${address} tcp sport ${WAN} ${link}
  }
}`;
  execFileSync(program, [...before, "nft", "-f", "-"], { input: rules });
}
