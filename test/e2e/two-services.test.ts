import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationDetail } from "../../src/cli/views.ts";
import { tracesOf } from "../support/machine.ts";
import { until } from "../support/wait.ts";
import { allocationOf, type Caller, callerIn } from "./support/mesh.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");

describe("two services through two Envoys", () => {
  let agent: TestAgent;
  let api: AllocationDetail;
  let web: AllocationDetail;
  let caller: Caller;

  before(async () => {
    agent = await startAgent();
    await agent.must("job", "run", join(JOBS, "api.nomad.hcl"));
    await agent.must("job", "run", join(JOBS, "web.nomad.hcl"));
    [api, web] = [await allocationOf(agent, "api"), await allocationOf(agent, "web")];
    caller = callerIn(web, 8080);
  });
  after(async () => {
    await caller?.[Symbol.asyncDispose]();
    await agent?.[Symbol.asyncDispose]();
  });

  it("answers the first request of a task that calls its upstream as it starts", async () => {
    assert.match(await agent.must("alloc", "logs", web.ID, "loop"), /^first 200$/m);
    assert.equal((await caller.call()).status, 200);
  });

  it("cannot be reached without the proxy, from the host or from another namespace", async () => {
    const port = api.AllocatedResources.Shared.Ports.find(({ Label }) => Label === "http");
    assert.ok(port && api.NetworkStatus);
    for (const [host, number] of [
      [port.HostIP, port.Value],
      ["127.0.0.1", port.Value],
      [api.NetworkStatus.Address, 9001],
    ] as const) {
      assert.equal(await canConnect(host, number), false, `${host}:${number} from the host`);
    }
    await using direct = callerIn(web, 9001, api.NetworkStatus.Address);
    assert.equal((await direct.call()).status, null, "the api's address from the other namespace");
  });

  it("shows nothing but TLS on the bridge", async () => {
    const capture = spawn("tcpdump", ["-i", agent.bridge, "--immediate-mode", "-l", "-A", "tcp"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let seen = "";
    capture.stdout.on("data", (part: Buffer) => {
      seen += part.toString("latin1");
    });
    let told = "";
    capture.stderr.on("data", (part: Buffer) => {
      told += part.toString();
    });
    await until("tcpdump listens", () => told.includes("listening on"));
    const path = "/a-path-that-nobody-else-asks-for";
    for (let i = 0; i < 10; i++) await caller.call(path);
    capture.kill("SIGINT");
    await once(capture, "close");
    assert.ok(seen.length > 1000, "traffic was captured");
    assert.ok(!seen.includes(path.slice(1)) && !seen.includes("HTTP/1."), "no plain text on the bridge");
    assert.match(seen, /api\.default\.dc1\.internal/, "the server name of the TLS handshake is the api's");
  });

  it("refuses requests after a deny intention, and lets them pass after its removal", async () => {
    for (const _ of [1, 2, 3]) {
      await takesEffect(["intention", "create", "-deny", "web", "api"], (status) => status === null);
      await takesEffect(["intention", "delete", "web", "api"], (status) => status === 200);
    }
  });

  async function takesEffect(
    words: readonly string[],
    isSo: (status: number | null) => boolean,
  ): Promise<void> {
    await agent.must(...words);
    await until(`${words.join(" ")} takes effect`, async () => isSo((await caller.call()).status), 5000);
  }

  it("does not cut a request in flight by a change that does not concern it", async () => {
    const words = ["netns", "exec", web.ID, "/usr/bin/python3", "-c", SLOW, "8080"];
    const slow = spawn("ip", words, { stdio: ["ignore", "pipe", "inherit"] });
    let told = "";
    slow.stdout.on("data", (part: Buffer) => {
      told += part.toString();
    });
    await until("the request has begun", () => told.includes("begun"));
    await agent.must("intention", "create", "-deny", "somebody", "else");
    await agent.must("intention", "create", "-allow", "web", "api");
    await until("it is answered", () => told.includes("200"));
    await agent.must("intention", "delete", "somebody", "else");
    await agent.must("intention", "delete", "web", "api");
  });

  it("explains the way of a request, and finds the running proxies as they should be", async () => {
    const { code, stdout } = await agent.yurt("mesh", "explain", "-json", "web", "api", "/x");
    assert.equal(code, 0, stdout);
    const explanation = JSON.parse(stdout);
    const [way] = explanation.ways;
    assert.deepEqual(explanation.upstream.bind, { kind: "port", address: "127.0.0.1", port: 8080 });
    // Both are on one node: the way goes past the node's map of ports.
    assert.deepEqual(
      way.endpoints.map(({ address, healthy }: { address: string; healthy: boolean }) => [address, healthy]),
      [[api.NetworkStatus?.Address, true]],
    );
    assert.deepEqual(
      way.local.map(({ address, port }: { address: string; port: number }) => [address, port]),
      [["127.0.0.1", 9001]],
    );
    assert.deepEqual(
      explanation.running.map(({ differences }: { differences: unknown }) => differences),
      [[], []],
    );
    await agent.must("intention", "create", "-deny", "*", "api");
    const denied = await agent.yurt("mesh", "explain", "web", "api");
    assert.equal(denied.code, 2);
    assert.match(denied.stdout, /Intention: denied\n +\* => api \(deny, precedence 8\)/);
    await agent.must("intention", "delete", "*", "api");
  });

  it("compares what a proxy holds with what it should, by the agent that runs it", async () => {
    assert.match(await agent.must("mesh", "diff", "web"), /holds what it should/);
    assert.match(await agent.must("proxy", "config", "api", "clusters"), /^local_app +STATIC/m);
  });

  it("tells each task where its upstream and its Envoy are", async () => {
    const environment = await agent.must("alloc", "exec", "-task", "loop", web.ID, "/usr/bin/env");
    assert.match(environment, /^NOMAD_UPSTREAM_ADDR_api=127\.0\.0\.1:8080$/m);
    assert.match(environment, /^NOMAD_ENVOY_ADMIN_ADDR_web=127\.0\.0\.2:190\d\d$/m);
    assert.match(environment, /^NOMAD_ENVOY_READY_ADDR_web=127\.0\.0\.1:191\d\d$/m);
  });

  it("serves again when an Envoy was killed, without the job being touched", async () => {
    const pid = envoyOf(api);
    process.kill(pid, "SIGKILL");
    await until("another Envoy runs", () => envoyOf(api) !== pid);
    await until("requests pass again", async () => (await caller.call()).status === 200);
    const now = await allocationOf(agent, "api");
    assert.equal(now.ID, api.ID);
    assert.equal(now.TaskStates["server"]?.Restarts, 0);
    assert.equal(now.TaskStates["connect-proxy-api"]?.Restarts, 1);
  });

  it("goes on while the agent is dead, and knows all allocations when it is back", async () => {
    const envoys = [envoyOf(api), envoyOf(web)];
    await agent.kill("SIGKILL");
    for (let i = 0; i < 50; i++) assert.equal((await caller.call()).status, 200);
    await agent.restart();
    for (const { ID } of [api, web]) {
      const now = await agent.get<AllocationDetail>(`/v1/allocation/${ID}`);
      assert.equal(now.ClientStatus, "running");
    }
    assert.deepEqual([envoyOf(api), envoyOf(web)], envoys, "the same Envoys run");
    await until("the proxies are connected again", async () => {
      const { Proxies } = await allocationOf(agent, "web");
      return Proxies.every(({ Connected }) => Connected);
    });
    await takesEffect(["intention", "create", "-deny", "web", "api"], (status) => status === null);
    await takesEffect(["intention", "delete", "web", "api"], (status) => status === 200);
  });

  it("leaves the machine as it was", async () => {
    const names = [agent.bridge, agent.dataDir, api.ID, web.ID];
    for (const kind of ["namespace", "link", "rules", "mount", "process"]) {
      assert.ok(
        tracesOf(names).some((trace) => trace.startsWith(kind)),
        `a ${kind} is there while they run`,
      );
    }
    await agent.must("job", "stop", "api", "web");
    await until("both have ended", async () =>
      [await allocationOf(agent, "api"), await allocationOf(agent, "web")].every(
        ({ ClientStatus }) => ClientStatus === "complete",
      ),
    );
    await caller[Symbol.asyncDispose]();
    assert.equal(await agent.kill("SIGTERM"), 0);
    assert.deepEqual(tracesOf(names), []);
  });
});

/** Begins a request, says so, and ends it half a second later. */
const SLOW = `
import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
s.sendall(b"GET / HTTP/1.1\\r\\nHost: api\\r\\n")
print("begun", flush=True)
time.sleep(0.5)
s.sendall(b"Connection: close\\r\\n\\r\\n")
print(s.recv(100).decode().split("\\r\\n")[0], flush=True)
`;

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.on("connect", () => end(true));
    socket.on("timeout", () => end(false));
    socket.on("error", () => end(false));
  });
}

/** The process id of the Envoy in an allocation's namespace; 0 when there is none. */
function envoyOf({ ID }: AllocationDetail): number {
  const pids = execFileSync("ip", ["netns", "pids", ID], { encoding: "utf8" }).split("\n").filter(Boolean);
  for (const pid of pids) {
    const name = execFileSync("ps", ["-o", "comm=", "-p", pid], { encoding: "utf8" }).trim();
    if (name === "envoy") return Number(pid);
  }
  return 0;
}
