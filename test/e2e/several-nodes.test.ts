import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { RpcClient } from "../../src/agent/link/rpc-client.ts";
import type { AllocationView } from "../../src/cli/views.ts";
import type { Node } from "../../src/model/node.ts";
import { until } from "../support/wait.ts";
import { type ClientAgent, type Machines, machines, startClient } from "./support/machines.ts";
import { allocationOf } from "./support/mesh.ts";
import { freePort, run, startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");

describe("a server and two nodes on machines of their own", () => {
  let network: Machines;
  let server: TestAgent;
  let nodes: ClientAgent[];
  let servers: string;

  before(async () => {
    network = machines();
    const port = await freePort();
    server = await startAgent({
      bind: network.address,
      flags: ["-server", "-rpc-port", String(port)],
    });
    servers = `${network.address}:${port}`;
    const tokenFile = join(server.dataDir, "server", "join-token");
    nodes = await Promise.all(
      ["a", "b"].map(async (name) => startClient(await network.add(name), { name, servers, tokenFile })),
    );
    await until("both nodes are ready", async () => (await ready()).length === 2);
  });
  after(async () => {
    await Promise.all((nodes ?? []).map((node) => node[Symbol.asyncDispose]()));
    await server?.[Symbol.asyncDispose]();
    network?.[Symbol.dispose]();
  });

  const ready = async () =>
    (await server.get<Node[]>("/v1/nodes")).filter(({ Status }) => Status === "ready");
  const idOf = async (name: string) =>
    (await server.get<Node[]>("/v1/nodes")).find(({ Name }) => Name === name)?.ID ?? "";
  const only = async (name: string) => {
    for (const node of ["a", "b"]) {
      await server.must("node", "eligibility", node === name ? "-enable" : "-disable", await idOf(node));
    }
  };
  const running = async (job: string) =>
    (await server.get<AllocationView[]>(`/v1/job/${job}/allocations`)).filter(
      ({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run",
    );

  it("takes in no node with another token", async () => {
    const rpc = new RpcClient([servers], "x".repeat(43));
    await assert.rejects(rpc.call("heartbeat", "x"), /another join token/);
    rpc.close();
  });

  it("joins services on different machines through their Envoys", async () => {
    await only("a");
    await server.must("job", "run", join(JOBS, "api.nomad.hcl"));
    await only("b");
    await server.must("job", "run", join(JOBS, "web.nomad.hcl"));
    const [api, web] = [await allocationOf(server, "api"), await allocationOf(server, "web")];
    assert.deepEqual([api.NodeName, web.NodeName], ["a", "b"]);
    assert.match(await server.must("alloc", "logs", web.ID, "loop"), /^first 200$/m);
  });

  it("runs commands in tasks of its nodes, with their input and exit code", async () => {
    const api = await allocationOf(server, "api");
    const line = 'read word; echo "out $word"; echo err >&2; exit 7';
    const words = ["alloc", "exec", "-i", "-t=false", "-task", "server", api.ID, "/bin/sh", "-c", line];
    const { code, stdout, stderr } = await run(words, { NOMAD_ADDR: server.api }, "hello\n");
    assert.deepEqual([code, stdout, stderr], [7, "out hello\n", "err\n"]);
    const refused = await server.yurt("alloc", "exec", "-task", "none", api.ID, "/bin/true");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /none/);
  });

  it("places anew what ran on a node that is silent, and ends it there when the node is back", async () => {
    await only("b");
    await server.must("job", "run", join(JOBS, "steps.nomad.hcl"));
    const before = await running("steps");
    for (const node of ["a", "b"]) await server.must("node", "eligibility", "-enable", await idOf(node));
    const lost = nodes.find(({ name }) => name === "b");
    await lost?.kill("SIGKILL");
    await until("both run on the other node", async () => {
      const now = await running("steps");
      return now.length === 2 && now.every(({ NodeName }) => NodeName === "a");
    });
    await lost?.start();
    await until("the node is ready again", async () => (await ready()).length === 2);
    const ended = (text: string) => before.every(({ ID }) => text.includes(ID));
    const list = () => server.get<AllocationView[]>("/v1/job/steps/allocations?all=true");
    await until("the old ones are known as lost", async () => {
      const all = await list();
      return (
        ended(JSON.stringify(all)) && all.filter(({ ClientStatus }) => ClientStatus === "lost").length === 2
      );
    });
    assert.equal((await running("steps")).length, 2);
  });
});
