import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import { pause } from "#model/pulse.ts";
import { second } from "#model/schema/duration.ts";
import type { Json } from "#model/schema/schema.ts";
import { processorList } from "#node/host/processors.ts";
import { answers } from "../support/ask.ts";
import { type DockerDaemon, withoutDocker } from "../support/docker-daemon.ts";
import {
  container,
  counted,
  counting,
  type DockerNode,
  greeter,
  inBridge,
  loading,
  runInside,
  startDockerNode,
} from "./docker-node.ts";
import {
  allocate,
  bridged,
  dockerOptions,
  ENVOY,
  never,
  PROCESSORS,
  type TaskInput,
  type TestGroup,
  TestNode,
  withoutCores,
} from "./test-node.ts";

describe("tasks of docker", { skip: withoutDocker }, () => {
  let own: DockerNode;
  let daemon: DockerDaemon;
  let node: TestNode;
  before(async () => {
    own = await startDockerNode();
    ({ daemon, node } = own);
  });
  after(() => own?.stop());

  const anotherNode = () => TestNode.start({ docker: dockerOptions(daemon.socketPath) });

  const start = (group: TestGroup) => node.place({ RestartPolicy: never, ...group });

  const batch = async (...tasks: TaskInput[]) => {
    const id = start({ Type: "batch", Tasks: tasks });
    await node.ended(id);
    return id;
  };

  it("give their output and exit code, and find their folders, environment and arguments", async () => {
    const line = `echo "$0 $NOMAD_TASK_NAME $GREETING"; echo err >&2
      echo shared >/alloc/data/x; echo own >$NOMAD_TASK_DIR/y; echo secret >$NOMAD_SECRETS_DIR/z
      cat /alloc/data/x /local/y /secrets/z; exit 3`;
    const id = await batch(
      container(line, { args: ["-c", line, "zero"] }, { Env: { GREETING: "hello ${NOMAD_TASK_NAME}" } }),
    );
    assert.equal(await node.logs(id), "zero main hello main\nshared\nown\nsecret\n");
    assert.equal(await node.logs(id, "stderr"), "err\n");
    assert.match(node.events(id), /Terminated: Exit Code: 3/);
  });

  it("run as their user, in their folder, with their limits, labels and mounts", async () => {
    const id = start({
      Tasks: [
        container(
          "id -u; pwd; ulimit -n; cat /data/x /tmpfs/none 2>/dev/null; id -u >/local/u; touch /read-only/x || echo refused; sleep 60",
          {
            work_dir: "/tmp",
            ulimit: [{ nofile: "1000:2000" }],
            labels: [{ "my.label": "yes" }],
            volumes: ["local:/data"],
            mount: [
              { type: "tmpfs", target: "/tmpfs", tmpfs_options: [{ size: 100000 }] },
              { type: "bind", source: "local", target: "/read-only", readonly: true },
            ],
            cap_drop: ["all"],
            devices: [{ host_path: "/dev/null", container_path: "/dev/nothing" }],
            pids_limit: 50,
            healthchecks: [{ disable: true }],
          },
          { User: "somebody", Resources: { CPU: 200, MemoryMB: 64 } },
        ),
      ],
    });
    await node.hasPrinted(id, "refused");
    assert.equal(await node.logs(id), "1234\n/tmp\n1000\nrefused\n");
    const made = await daemon.engine.call<{
      Config: { Labels: Record<string, string> };
      HostConfig: Record<string, unknown>;
    }>(`/containers/main-${id}/json`);
    assert.equal(made.Config.Labels["my.label"], "yes");
    assert.equal(made.Config.Labels["com.hashicorp.nomad.alloc_id"], id);
    const { Memory, MemorySwap, CpuShares, CapAdd, PidsLimit } = made.HostConfig;
    assert.deepEqual([Memory, MemorySwap, CpuShares, CapAdd, PidsLimit], [64 << 20, 64 << 20, 200, [], 50]);
    node.link.stop(id);
    await node.ended(id);
  });

  it("keep off the cores of others while these run", { skip: withoutCores }, async () => {
    const [first, ...others] = PROCESSORS;
    const cores = async (id: string) => {
      const { HostConfig } = await daemon.engine.call<{ HostConfig: { CpusetCpus: string } }>(
        `/containers/main-${id}/json`,
      );
      return HostConfig.CpusetCpus;
    };
    const loop = "echo begun; while :; do sleep 0.1; done";
    const run = async (task: TaskInput) => {
      const id = node.place({ Tasks: [task] });
      await node.hasPrinted(id, "begun");
      return id;
    };
    const shared = await run(container(loop));
    assert.equal(await cores(shared), "");
    const own = await run(container(loop, {}, { Resources: { Cores: 1, MemoryMB: 32 } }));
    assert.deepEqual([await cores(own), await cores(shared)], [String(first), processorList(others)]);
    for (const id of [own, shared]) {
      node.link.stop(id);
      await node.ended(id);
    }
  });

  it("are told when they used more memory than they may", async () => {
    const id = await batch(container("exec tail /dev/zero", {}, { Resources: { CPU: 100, MemoryMB: 20 } }));
    assert.match(node.events(id), /OOM Killed/);
  });

  it("come from an archive in their folder, by name and by digest", async () => {
    const id = start({ Type: "batch", Tasks: await loading(daemon, "echo loaded") });
    await node.ended(id);
    assert.equal(await node.logs(id), "loaded\n", node.events(id));
    const { Id } = await daemon.engine.call<{ Id: string }>("/images/yurt-loaded:1/json");
    assert.equal(await node.logs(await batch(container("echo by id", { image: Id }))), "by id\n");
  });

  it("share the network of their allocation with tasks of other drivers", async () => {
    const id = start({
      Type: "batch",
      Networks: bridged({ Label: "http", To: 9000 }),
      Tasks: [
        greeter(),
        inBridge(
          "until nc 127.0.0.1 9000 </dev/null; do sleep 0.1; done; cat /etc/hosts; echo addr $NOMAD_ALLOC_ADDR_http",
        ),
      ],
    });
    await node.ended(id);
    const output = await node.logs(id);
    assert.match(output, /^hi$/m, node.events(id));
    const address = node.link.updates.get(id)?.NetworkStatus?.Address;
    assert.match(output, new RegExp(`^${address} `, "m"));
    assert.match(output, new RegExp(`^addr ${address}:9000$`, "m"));
  });

  it("have commands run in them, with and without a terminal", async () => {
    const id = start({ Tasks: [container("echo up; sleep 60")] });
    await node.hasPrinted(id, "up");
    assert.deepEqual(await runInside(node, id, ["/bin/sh", "-c", "cat; echo e >&2; exit 4"]), {
      out: "input\n",
      err: "e\n",
      code: 4,
    });
    const command = ["/bin/sh", "-c", "test -t 1 && echo terminal"];
    const inTerminal = await runInside(node, id, command, { tty: true });
    assert.match(inTerminal.out, /terminal/);
    const { main } = await node.agent.access.stats(id);
    assert.ok((main?.pids.length ?? 0) >= 1 && (main?.memory ?? 0) > 0);
    node.link.stop(id);
    await node.ended(id);
  });

  it("are asked to end by the signal of their job, and killed when they do not", async () => {
    const line = (trap: string) => `trap '${trap}' TERM; echo up; while :; do sleep 0.05; done`;
    const gentle = start({ Tasks: [container(line("echo asked; exit 0"), {}, { KillSignal: "SIGTERM" })] });
    const deaf = start({
      Tasks: [container(line(""), {}, { KillSignal: "SIGTERM", KillTimeout: second / 5 })],
    });
    await Promise.all([node.hasPrinted(gentle, "up"), node.hasPrinted(deaf, "up")]);
    node.link.stop(gentle, deaf);
    await Promise.all([node.ended(gentle), node.ended(deaf)]);
    assert.equal(await node.logs(gentle), "up\nasked\n");
    assert.match(node.events(deaf), /Exit Code: 137, Signal: 9/);
  });

  it("go on under the next agent, which has all their output once and tells how they end", async () => {
    const other = await anotherNode();
    try {
      const id = other.place({
        Type: "batch",
        RestartPolicy: never,
        Networks: bridged(),
        Tasks: [inBridge(counting(0.005))],
      });
      for (const line of ["line 50\n", "line 150\n"]) {
        await other.hasPrinted(id, line);
        await other.restart();
      }
      await other.ended(id);
      assert.equal(await other.logs(id), counted);
      assert.equal(other.exitCode(id), "7");
    } finally {
      await other.stop();
    }
  });

  it("are known to have ended, and how, when they do while one agent leaves and the next comes", async () => {
    const other = await anotherNode();
    try {
      const line = "trap 'exit 7' USR1; echo up; while :; do sleep 0.01; done";
      const allocations = Array.from({ length: 4 }, () =>
        allocate({ Type: "batch", RestartPolicy: never, Tasks: [container(line)] }),
      );
      other.link.add(...allocations);
      for (const { ID } of allocations) await other.hasPrinted(ID, "up\n");
      for (const [index, { ID }] of allocations.entries()) {
        await daemon.engine.call(`/containers/main-${ID}/kill`, {
          method: "POST",
          query: { signal: "USR1" },
        });
        await pause(40 * index);
        await other.restart();
      }
      for (const { ID } of allocations) {
        await other.ended(ID);
        assert.equal(other.exitCode(ID), "7", other.events(ID));
      }
    } finally {
      await other.stop();
    }
  });

  it("that cannot be started say what is wrong", async () => {
    const cases: [RegExp, Record<string, Json>][] = [
      [/the image "yurt-none:1" could not be pulled: /, { image: "yurt-none:1" }],
      [/exec.*"?\/no\/such"?.*no such file/, { command: "/no/such" }],
      [/"image" is missing/, { image: "" }],
      [/"colour" is not known to this driver \(known: args, auth/, { colour: "red" }],
      [
        /"privileged" is not allowed on this node: its agent must run with -docker-allow-privileged/,
        { privileged: true },
      ],
      [/cap_add "SYS_ADMIN" is not allowed on this node/, { cap_add: ["sys_admin"] }],
      [/the path "..\/..\/x" leads out of the task's folder/, { volumes: ["../../x:/x"] }],
      [/"ports" names "web", which is no port of the group \(it has none\)/, { ports: ["web"] }],
      [/there is no such file at/, { load: "none.tar" }],
      [/unable to find user nobody-here/, {}],
    ];
    const ids = await Promise.all(
      cases.map(([, config], index) =>
        batch(container("true", config, index === cases.length - 1 ? { User: "nobody-here" } : {})),
      ),
    );
    for (const [index, [expected]] of cases.entries())
      assert.match(node.events(ids[index] as AllocationId), expected);
  });

  it("run the Envoy of a service, from an image", async () => {
    await daemon.importEnvoy("yurt-envoy:1", ENVOY);
    const args = ["-c", "${NOMAD_SECRETS_DIR}/envoy_bootstrap.json", "--disable-hot-restart", "-l", "error"];
    const allocation = allocate({
      Networks: bridged({ Label: "connect-proxy-api" }),
      Services: [{ Name: "api", PortLabel: "9000", Connect: { SidecarService: {} } }],
      Tasks: [
        inBridge("exec nc -ll -p 9000 -e /bin/echo hello"),
        {
          Name: "proxy",
          Driver: "docker",
          Kind: "connect-proxy:api",
          Lifecycle: { Hook: "prestart", Sidecar: true },
          Config: { image: "yurt-envoy:1", args },
        },
      ],
    });
    node.link.add(allocation);
    const port = allocation.AllocatedResources.Shared.Ports[0]?.Value ?? 0;
    await answers("127.0.0.1", port, "hello\n");
    assert.match(
      String(await node.agent.access.proxyAdmin(allocation.ID, "proxy", "/server_info")),
      /"LIVE"/,
    );
    node.link.stop(allocation.ID);
    await node.ended(allocation.ID);
  });

  it("wait for a daemon that goes away, and are lost when it took them along", async () => {
    const lonely = await startDockerNode();
    try {
      const id = lonely.node.place({
        RestartPolicy: never,
        Tasks: [container("trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done")],
      });
      await lonely.node.hasPrinted(id, "up");
      await lonely.daemon.stop();
      await lonely.daemon.start();
      await lonely.node.ended(id);
      assert.match(lonely.node.events(id), /Docker daemon|Exit Code: 137/);
      assert.equal(lonely.node.link.updates.get(id)?.ClientStatus, "failed");
    } finally {
      await lonely.stop();
    }
  });
});
