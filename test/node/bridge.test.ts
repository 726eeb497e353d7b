import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import { answers, ask } from "../support/ask.ts";
import { allocate, bridged, shell, TestNode, traces } from "./test-node.ts";

let node: TestNode;
before(async () => {
  node = await TestNode.start();
});
after(async () => {
  await node.stop();
  assert.deepEqual(traces(node.options), []);
});

/** A server that answers every connection with its name. */
const serving = (name: string, address: string) =>
  shell(
    `exec python3 -c '
import socket
s = socket.create_server(("${address}", 9000))
while True:
  c, _ = s.accept()
  c.sendall(b"${name}")
  c.close()'`,
  );

const allocateServer = (name: string, address = "0.0.0.0") =>
  allocate({ Networks: bridged({ Label: "http", To: 9000 }), Tasks: [serving(name, address)] });

const addressOf = (id: AllocationId) => node.link.updates.get(id)?.NetworkStatus?.Address ?? "";

describe("an allocation in bridge mode", () => {
  it("is reached at its mapped port, and reaches others and itself by theirs", async () => {
    const [one, two] = [allocateServer("one"), allocateServer("two")];
    node.link.add(one, two);
    const port = (allocation: typeof one) => allocation.AllocatedResources.Shared.Ports[0]?.Value ?? 0;
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === "IPv4" && !each.internal)?.address;
    await answers("127.0.0.1", port(one), "one");
    if (outside !== undefined) await answers(outside, port(two), "two");
    await answers(addressOf(two.ID), 9000, "two");
    const gateway = `${addressOf(one.ID).split(".").slice(0, 3).join(".")}.1`;
    for (const [name, target] of [
      ["one", port(one)],
      ["two", port(two)],
    ] as const) {
      const line = `import socket; print(socket.create_connection(("${gateway}", ${target}), 2).recv(9).decode())`;
      const session = await node.agent.access.exec(one.ID, "main", {
        command: ["python3", "-c", line],
        tty: false,
      });
      const said = Buffer.concat(await Array.fromAsync(session.stdout)).toString();
      assert.equal(said, `${name}\n`);
    }
    node.link.stop(one.ID, two.ID);
    await Promise.all([node.ended(one.ID), node.ended(two.ID)]);
    await assert.rejects(ask("127.0.0.1", port(one)), /ECONNREFUSED/);
  });

  it("keeps its address, its ports and its connections when the agent starts anew", async () => {
    const own = await TestNode.start();
    try {
      const allocation = allocateServer("kept");
      own.link.add(allocation);
      const port = allocation.AllocatedResources.Shared.Ports[0]?.Value ?? 0;
      await answers("127.0.0.1", port, "kept");
      const before = own.link.updates.get(allocation.ID)?.NetworkStatus;
      await own.restart();
      assert.equal(await ask("127.0.0.1", port), "kept");
      const next = allocateServer("next");
      own.link.add(next);
      await answers("127.0.0.1", next.AllocatedResources.Shared.Ports[0]?.Value ?? 0, "next");
      assert.equal(await ask("127.0.0.1", port), "kept");
      assert.deepEqual(own.link.updates.get(allocation.ID)?.NetworkStatus, before);
      assert.notEqual(own.link.updates.get(next.ID)?.NetworkStatus?.Address, before?.Address);
    } finally {
      await own.stop();
    }
    assert.deepEqual(traces(own.options), []);
  });

  it("sees the name servers that its job names", async () => {
    const network = bridged()[0];
    const DNS = { Servers: ["192.0.2.1"], Searches: ["example.test"], Options: ["ndots:2"] };
    const tasks = ["raw_exec", "exec"].map((Driver) => ({
      ...shell("cat /etc/resolv.conf", { Driver }),
      Name: Driver,
    }));
    const allocation = allocate({ Type: "batch", Networks: [{ ...network, DNS }], Tasks: tasks });
    node.link.add(allocation);
    await node.ended(allocation.ID);
    for (const { Name } of tasks) {
      assert.equal(
        await node.logs(allocation.ID, "stdout", Name),
        "nameserver 192.0.2.1\nsearch example.test\noptions ndots:2\n",
      );
    }
  });

  it("is refused when a port of the node that it wants is taken by a program of the host", async () => {
    const { createServer } = await import("node:net");
    const server = createServer().listen(0);
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const allocation = allocate({
      Networks: bridged({ Label: "http", Value: port, To: 9000 }),
      Tasks: [shell("sleep 9")],
    });
    node.link.add(allocation);
    await node.ended(allocation.ID);
    server.close();
    assert.match(JSON.stringify(node.state(allocation.ID)?.Events), new RegExp(`the port ${port} is in use`));
  });
});

describe("an allocation whose network fails while its tasks are made", () => {
  it("begins none of them, says why, and leaves nothing", async () => {
    const own = await TestNode.start();
    const folder = mkdtempSync(join(tmpdir(), "yurt-nft-"));
    const [path = "", fails] = [process.env["PATH"], join(folder, "fails")];
    const script = `[ -e ${fails} ] || exec env "PATH=${path}" nft "$@"; rm ${fails}; echo no rules today >&2; exit 1`;
    writeFileSync(join(folder, "nft"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env["PATH"] = `${folder}:${path}`;
    try {
      writeFileSync(fails, "");
      const task = (Name: string, more: object) => ({ ...shell("echo begun; sleep 9", more), Name });
      const allocation = allocate({
        Networks: bridged({ Label: "http", To: 9000 }),
        Tasks: [
          task("first", { Driver: "exec", Lifecycle: { Hook: "prestart", Sidecar: true } }),
          task("main", { Driver: "exec" }),
        ],
      });
      own.link.add(allocation);
      await own.ended(allocation.ID);
      for (const { Name } of allocation.Job.TaskGroups[0]?.Tasks ?? []) {
        const state = own.state(allocation.ID, Name);
        assert.match(JSON.stringify(state?.Events), /no rules today/);
        assert.equal(state?.Failed, true);
        assert.equal(state.StartedAt, null);
        assert.equal(await own.logs(allocation.ID, "stdout", Name), "");
      }
    } finally {
      process.env["PATH"] = path;
      await own.stop();
      rmSync(folder, { recursive: true });
    }
    assert.deepEqual(traces(own.options), []);
  });
});

describe("a service with a proxy", () => {
  const meshed = (address: string) =>
    allocate({
      Networks: bridged({ Label: "connect-proxy-api" }),
      Services: [{ Name: "api", PortLabel: "9000", Connect: { SidecarService: {} } }],
      Tasks: [
        serving("api", address),
        {
          Name: "proxy",
          Driver: "raw_exec",
          Kind: "connect-proxy:api",
          Lifecycle: { Hook: "prestart", Sidecar: true },
          Config: {
            command: "envoy",
            args: ["-c", "${NOMAD_SECRETS_DIR}/envoy_bootstrap.json", "--disable-hot-restart", "-l", "error"],
          },
        },
      ],
    });

  it("is reported when it can be reached round the proxy, and not when it listens on loopback", async () => {
    const [open, closed] = [meshed("0.0.0.0"), meshed("127.0.0.1")];
    node.link.add(open, closed);
    const port = closed.AllocatedResources.Shared.Ports[0]?.Value ?? 0;
    await answers("127.0.0.1", port, "api");
    const warned = (id: AllocationId) =>
      (node.state(id)?.Events ?? [])
        .filter(({ Type }) => Type === "Warning")
        .map((event) => event.DisplayMessage);
    await node.link.until(() => warned(open.ID).length > 0, "the warning");
    assert.match(warned(open.ID)[0] ?? "", /listens on 0\.0\.0\.0:9000: it can be reached round/);
    assert.deepEqual(warned(closed.ID), []);
    node.link.stop(open.ID, closed.ID);
    await Promise.all([node.ended(open.ID), node.ended(closed.ID)]);
    const finished = (task: string) => Date.parse(node.state(closed.ID, task)?.FinishedAt ?? "");
    assert.ok(finished("proxy") >= finished("main"), "the proxy ends after the task that it serves");
  });
});
