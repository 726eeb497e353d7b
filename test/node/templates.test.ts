import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import type { Template } from "#model/job/template.ts";
import type { Input } from "#model/schema/schema.ts";
import type { TemplateInstance } from "#model/template-data.ts";
import { until } from "../support/wait.ts";
import { allocate, shell, type TaskInput, TestNode } from "./test-node.ts";

let node: TestNode;
before(async () => {
  node = await TestNode.start();
});
after(() => node.stop());

const key = (name: string) => ({ kind: "key", key: name }) as const;

const instance = (changes: Partial<TemplateInstance>): TemplateInstance => ({
  id: "api-1",
  name: "api",
  node: "n1",
  nodeId: "1",
  nodeAddress: "10.0.0.1",
  datacenter: "dc1",
  address: "10.0.0.2",
  port: 80,
  tags: ["blue"],
  meta: {},
  status: "passing",
  jobId: "api",
  allocationId: "a",
  weights: { passing: 1, warning: 1 },
  ...changes,
});

const started = (line: string, Templates: Input<Template>[], task: TaskInput = {}) => {
  const filled = Templates.map((each) => ({ Splay: 0, ...each }));
  return node.place({ Tasks: [shell(line, { Templates: filled, ...task })] });
};

const loop = "while :; do sleep 0.05; done";
const textOf = async (id: AllocationId, path: string) =>
  Buffer.concat(await Array.fromAsync(node.agent.access.files(id).read(path, 0))).toString();
const end = async (...ids: AllocationId[]) => {
  node.link.stop(...ids);
  await Promise.all(ids.map((id) => node.ended(id)));
};

describe("templates of a task", { concurrency: true }, () => {
  for (const Driver of ["raw_exec", "exec"])
    it(`are written before it starts, as files and into its environment (${Driver})`, async () => {
      node.link.answer({ kind: "service", name: "api" }, [
        instance({}),
        instance({ id: "b", port: 81, status: "critical" }),
      ]);
      node.link.answer(
        { kind: "variable", path: "nomad/jobs/test", namespace: "default" },
        { password: "secret" },
      );
      const id = started(
        `cat local/config "$NOMAD_SECRETS_DIR/env"; echo "$PASSWORD $GREETING"; ${loop}`,
        [
          {
            EmbeddedTmpl:
              '{{ range service "api" }}{{ .Address }}:{{ .Port }}{{ end }} {{ env "NOMAD_TASK_NAME" }} {{ env "node.datacenter" }} {{ env "attr.kernel.name" }}\n',
            DestPath: "local/config",
            Perms: "0600",
          },
          {
            EmbeddedTmpl:
              '{{ with nomadVar "nomad/jobs/test" }}PASSWORD="{{ .password }}"{{ end }}\nGREETING=hi\n',
            DestPath: "secrets/env",
            Envvars: true,
          },
        ],
        { Driver },
      );
      await node.hasPrinted(id, "hi");
      assert.equal(
        await node.logs(id),
        '10.0.0.2:80 main dc1 linux\nPASSWORD="secret"\nGREETING=hi\nsecret hi\n',
      );
      const { FileMode } = await node.agent.access.files(id).stat("/main/local/config");
      assert.equal(FileMode, "-rw-------");
      await end(id);
    });

  it("wait for what they ask for, and say so", async () => {
    const id = started(`cat local/x; ${loop}`, [
      { EmbeddedTmpl: '{{ key "late/key" }}\n', DestPath: "local/x" },
    ]);
    await until("the task says what it waits for", () =>
      node.events(id).includes('Template: Missing: key "late/key"'),
    );
    assert.equal(node.state(id)?.State, "pending");
    node.link.answer(key("late/key"), "here");
    await node.hasPrinted(id, "here");
    await end(id);
  });

  it("that still wait do not keep their task from ending", async () => {
    const id = started(loop, [{ EmbeddedTmpl: '{{ key "never" }}', DestPath: "local/x" }]);
    await node.link.until(() => node.events(id).includes("Task Setup"), "the task being set up");
    await end(id);
    assert.equal(node.link.updates.get(id)?.ClientStatus, "complete");
  });

  it("restart it when they have changed", async () => {
    node.link.answer(key("restart"), "one");
    const id = started(`cat local/x; ${loop}`, [
      { EmbeddedTmpl: '{{ key "restart" }}\n', DestPath: "local/x" },
    ]);
    await node.hasPrinted(id, "one");
    node.link.answer(key("restart"), "two");
    await node.hasPrinted(id, "two");
    assert.equal(node.state(id)?.Restarts, 1);
    assert.match(node.events(id), /Restart Signaled: Template with change_mode restart re-rendered/);
    await end(id);
  });

  it("send a signal, run a script or do nothing when they have changed", async () => {
    node.link.answer(key("signal"), "one");
    const common = { EmbeddedTmpl: '{{ keyOrDefault "signal" "none" }}\n' };
    const id = started(`trap 'cat local/x' USR1; echo up; ${loop}`, [
      { ...common, DestPath: "local/x", ChangeMode: "signal", ChangeSignal: "SIGUSR1" },
      { ...common, DestPath: "local/quiet", ChangeMode: "noop" },
      {
        ...common,
        DestPath: "local/y",
        ChangeMode: "script",
        ChangeScript: {
          Command: "/bin/sh",
          Args: ["-c", 'cat "$NOMAD_TASK_DIR/y" >"$NOMAD_TASK_DIR/scripted"; echo oh >&2; exit 3'],
        },
      },
    ]);
    await node.hasPrinted(id, "up");
    node.link.answer(key("signal"), "two");
    await node.hasPrinted(id, "two");
    await until("the script has run", () => node.events(id).includes("exited with 3: oh"));
    assert.equal(await textOf(id, "/main/local/scripted"), "two\n");
    assert.equal(await textOf(id, "/main/local/quiet"), "two\n");
    assert.equal(node.state(id)?.Restarts, 0);
    await end(id);
  });

  it("run a script also when they are first written, whose failure may be that of their task", async () => {
    const script = (line: string, FailOnError = false) => ({
      EmbeddedTmpl: "x",
      DestPath: "local/x",
      ChangeMode: "script" as const,
      ChangeScript: { Command: "/bin/sh", Args: ["-c", line], RunOnFirstRender: true, FailOnError },
    });
    const fine = started(`until [ -e local/ran ]; do sleep 0.05; done; echo ran; ${loop}`, [
      script('touch "$NOMAD_TASK_DIR/ran"'),
    ]);
    const failing = started(loop, [script("exit 4", true)]);
    await node.hasPrinted(fine, "ran");
    await node.ended(failing);
    assert.match(node.events(failing), /Not Restarting: Template ran script "\/bin\/sh".* exited with 4/);
    assert.equal(node.link.updates.get(failing)?.ClientStatus, "failed");
    await end(fine);
  });

  it("that are wrong are a failure that says where", async () => {
    const wrong = (Templates: Input<Template>[]) => started("true", Templates);
    const cases: [RegExp, AllocationId][] = [
      [/local\/x:2: this action is not closed/, wrong([{ EmbeddedTmpl: "a\n{{ .x", DestPath: "local/x" }])],
      [/secret: Vault is not used here/, wrong([{ EmbeddedTmpl: '{{ secret "x" }}', DestPath: "local/x" }])],
      [/leads out of its folder/, wrong([{ EmbeddedTmpl: "x", DestPath: "../../x" }])],
      [
        /there is no such file in the task's folder/,
        wrong([{ SourcePath: "local/none", DestPath: "local/x" }]),
      ],
      [
        /"x" is not of the form NAME=value/,
        wrong([{ EmbeddedTmpl: "x", DestPath: "local/x", Envvars: true }]),
      ],
      [
        /"api" is no service of the task's group/,
        wrong([{ EmbeddedTmpl: '{{ caLeaf "api" }}', DestPath: "local/x" }]),
      ],
    ];
    for (const [expected, id] of cases) {
      await node.ended(id);
      assert.match(node.events(id), expected);
      assert.equal(node.link.updates.get(id)?.ClientStatus, "failed");
    }
  });

  it("that changed while no agent was there take effect when the next one comes", async () => {
    const own = await TestNode.start();
    try {
      own.link.answer(key("k"), "one");
      const allocation = allocate({
        Tasks: [
          shell(`cat local/x; ${loop}`, {
            Templates: [{ EmbeddedTmpl: '{{ key "k" }}\n', DestPath: "local/x", Splay: 0 }],
          }),
        ],
      });
      own.link.add(allocation);
      await own.hasPrinted(allocation.ID, "one");
      await own.restart();
      await own.until(allocation.ID, "running");
      assert.equal(own.state(allocation.ID)?.Restarts, 0);
      await own.agent.stop({ leaveRunning: true });
      own.link.answer(key("k"), "two");
      await own.restart({ isStopped: true });
      await own.hasPrinted(allocation.ID, "two");
      assert.equal(own.state(allocation.ID)?.Restarts, 1);
    } finally {
      await own.stop();
    }
  });
});
