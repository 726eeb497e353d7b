import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { second } from "#model/schema/duration.ts";
import type { Json } from "#model/schema/schema.ts";
import { until } from "../support/wait.ts";
import { allocate, never, shell, type TaskInput, TestNode, traces } from "./test-node.ts";

let node: TestNode;
before(async () => {
  node = await TestNode.start();
});
after(async () => {
  await node.stop();
  assert.deepEqual(traces(node.options), [], "nothing of the node is left on the host");
});

for (const Driver of ["raw_exec", "exec"]) {
  describe(`tasks of ${Driver}`, { concurrency: true }, () => {
    it("give their output and their exit code", async () => {
      const id = node.place({
        Type: "batch",
        RestartPolicy: never,
        Tasks: [shell("echo out; echo err >&2; exit 3", { Driver })],
      });
      await node.ended(id);
      assert.equal(await node.logs(id), "out\n");
      assert.equal(await node.logs(id, "stderr"), "err\n");
      assert.equal(node.link.updates.get(id)?.ClientStatus, "failed");
      assert.match(node.events(id), /^Terminated: Exit Code: 3/m);
    });

    it("find their folders and what describes them in the environment", async () => {
      const line = `echo "$NOMAD_TASK_NAME $NOMAD_GROUP_NAME $NOMAD_META_COLOUR $GREETING"
        echo shared >"$NOMAD_ALLOC_DIR/data/x"; echo own >"$NOMAD_TASK_DIR/y"; echo secret >"$NOMAD_SECRETS_DIR/z"
        cat "$NOMAD_ALLOC_DIR/data/x" "$NOMAD_TASK_DIR/y" "$NOMAD_SECRETS_DIR/z"`;
      const task = { Driver, Meta: { colour: "red" }, Env: { GREETING: "hello ${NOMAD_TASK_NAME}" } };
      const id = node.place({ Type: "batch", Tasks: [shell(line, task)] });
      await node.ended(id);
      assert.equal(await node.logs(id), "main group red hello main\nshared\nown\nsecret\n");
    });

    it("are started again as their policy says, and fail when it is used up", async () => {
      const id = node.place({
        RestartPolicy: { Attempts: 1, Interval: 60 * second, Delay: second / 100, Mode: "fail" },
        Tasks: [shell("echo run; exit 1", { Driver })],
      });
      await node.ended(id);
      assert.equal(await node.logs(id), "run\nrun\n");
      assert.equal(node.state(id)?.Restarts, 1);
      assert.match(node.events(id), /^Not Restarting: Exceeded allowed attempts 1/m);
    });

    it("are asked to end by the signal of their job, and killed when they do not", async () => {
      const gentle = node.place({
        Tasks: [
          shell("trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.05; done", {
            Driver,
            KillSignal: "SIGTERM",
          }),
        ],
      });
      const deaf = node.place({
        Tasks: [
          shell("trap '' INT; echo up; while :; do sleep 0.05; done", { Driver, KillTimeout: second / 5 }),
        ],
      });
      for (const id of [gentle, deaf]) {
        await node.until(id, "running");
        await node.link.until(() => node.state(id)?.State === "running", "running");
        await node.hasPrinted(id, "up");
      }
      node.link.stop(gentle, deaf);
      await Promise.all([node.ended(gentle), node.ended(deaf)]);
      assert.equal(await node.logs(gentle), "up\nasked\n");
      assert.equal(node.link.updates.get(gentle)?.ClientStatus, "complete");
      assert.match(node.events(deaf), /^Terminated: Exit Code: 137, Signal: 9/m);
    });

    it("that name no command, or a missing one, say so", async () => {
      const missing = node.place({
        Tasks: [{ Name: "main", Driver, Config: { command: "/no/such/program" } }],
      });
      const none = node.place({ Tasks: [{ Name: "main", Driver, Config: {} }] });
      const user = node.place({ Tasks: [shell("true", { Driver, User: "nobody-here" })] });
      await Promise.all([missing, none, user].map((id) => node.ended(id)));
      assert.match(node.events(missing), /the command "\/no\/such\/program" was not found/);
      assert.match(node.events(none), /"command" is missing/);
      assert.match(node.events(user), /the user "nobody-here" does not exist on this node/);
      for (const id of [missing, none, user]) assert.equal(node.link.updates.get(id)?.ClientStatus, "failed");
    });

    it("go on under the next agent, which tells how they end", async () => {
      const own = await TestNode.start();
      try {
        const allocation = allocate({
          Type: "batch",
          RestartPolicy: never,
          Tasks: [
            shell(
              'echo before; until [ -e "$NOMAD_ALLOC_DIR/go" ]; do sleep 0.02; done; echo after; exit 7',
              { Driver },
            ),
          ],
        });
        own.link.add(allocation);
        await own.until(allocation.ID, "running");
        await own.hasPrinted(allocation.ID, "before");
        await own.restart();
        const command = ["/bin/sh", "-c", 'touch "$NOMAD_ALLOC_DIR/go"'];
        const session = await until("the task runs under the next agent", () =>
          own.agent.access.exec(allocation.ID, "main", { command, tty: false }),
        );
        assert.equal(await session.exitCode, 0);
        await own.ended(allocation.ID);
        assert.equal(await own.logs(allocation.ID), "before\nafter\n");
        assert.equal(own.state(allocation.ID)?.Restarts, 0);
        assert.equal(own.exitCode(allocation.ID), "7");
      } finally {
        await own.stop();
      }
    });

    it("have their output cut into files of bounded size, of which the newest stay", async () => {
      const id = node.place({
        Type: "batch",
        Tasks: [
          shell("head -c 3500000 /dev/zero | tr '\\0' x", {
            Driver,
            LogConfig: { MaxFiles: 2, MaxFileSizeMB: 1 },
          }),
        ],
      });
      await node.ended(id);
      const files = await node.agent.access.files(id).list("/alloc/logs");
      const sizes = files
        .filter(({ Name }) => Name.startsWith("main.stdout"))
        .map(({ Name, Size }) => [Name, Size]);
      assert.deepEqual(sizes.sort(), [
        ["main.stdout.2", 1_048_576],
        ["main.stdout.3", 3_500_000 - 3 * 1_048_576],
      ]);
    });
  });
}

describe("tasks of exec", () => {
  it("are told when they used more memory than they may", async () => {
    const id = node.place({
      Type: "batch",
      RestartPolicy: never,
      Tasks: [
        shell("exec tail /dev/zero", {
          Driver: "exec",
          Resources: { CPU: 100, MemoryMB: 40 },
        }),
      ],
    });
    await node.ended(id);
    assert.match(node.events(id), /OOM Killed/);
  });
});

describe("tasks of mock_driver", () => {
  const mock = (Config: Record<string, Json>, task: TaskInput = {}) => ({
    Name: "main",
    Driver: "mock_driver",
    ...task,
    Config,
  });

  it("do what their configuration says", async () => {
    const ran = node.place({
      Type: "batch",
      RestartPolicy: never,
      Tasks: [mock({ run_for: "20ms", exit_code: 4, stdout_string: "hello\n" })],
    });
    const refused = node.place({ RestartPolicy: never, Tasks: [mock({ start_error: "not today" })] });
    const again = node.place({
      RestartPolicy: { Attempts: 1, Interval: 60 * second, Delay: second / 100, Mode: "fail" },
      Tasks: [mock({ start_error: "not now", start_error_recoverable: true })],
    });
    const killed = node.place({ Tasks: [mock({ run_for: "10m", kill_after: "10ms" })] });
    await node.until(killed, "running");
    node.link.stop(killed);
    await Promise.all([ran, refused, again, killed].map((id) => node.ended(id)));
    assert.equal(await node.logs(ran), "hello\n");
    assert.match(node.events(ran), /Exit Code: 4/);
    assert.match(node.events(refused), /not today/);
    assert.equal(node.state(again)?.Restarts, 1);
    assert.match(node.events(killed), /Exit Code: 130, Signal: 2/);
  });
});
