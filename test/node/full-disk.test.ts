import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import { newLog } from "#model/log.ts";
import { never, shell, type TaskInput, TestNode } from "./test-node.ts";

describe("a node whose disk takes nothing more", () => {
  let place: string;
  let node: TestNode;
  let log = "";
  before(async () => {
    place = mkdtempSync(join(tmpdir(), "yurt-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", place]);
    const write = (line: string) => {
      log += line;
    };
    node = await TestNode.start({
      dataFolder: join(place, "data"),
      log: newLog({ level: "error", json: false, colour: false, write }),
    });
  });
  after(async () => {
    await node?.stop();
    execFileSync("umount", ["--lazy", place]);
    rmSync(place, { recursive: true });
  });

  const fill = () => spawnSync("dd", ["if=/dev/zero", "bs=1M", `of=${join(place, "filler")}`]);
  const empty = () => rmSync(join(place, "filler"), { force: true });
  const start = (...tasks: TaskInput[]): AllocationId =>
    node.place({ Type: "batch", RestartPolicy: never, Tasks: tasks });
  /** How an allocation ended, and what its events say. */
  const end = async (id: AllocationId) => {
    await node.ended(id);
    const { ClientStatus, TaskStates } = node.link.updates.get(id) ?? {};
    const events = Object.values(TaskStates ?? {}).flatMap(({ Events }) =>
      Events.map(({ DisplayMessage }) => DisplayMessage),
    );
    return [ClientStatus, ...events].join("\n");
  };

  it("keeps what runs, with its exit code, refuses what comes in words, and goes on when there is room", async () => {
    const wait = (driver: string) => {
      const task = shell("echo up; while [ ! -e $NOMAD_TASK_DIR/go ]; do sleep 0.05; done; exit 3");
      return { ...task, Driver: driver };
    };
    const before = ["raw_exec", "exec"].map((driver) => start(wait(driver)));
    for (const id of before) await node.hasPrinted(id, "up");
    fill();
    for (const driver of ["raw_exec", "exec"]) {
      const refused = await end(start({ ...shell("true"), Driver: driver }));
      assert.match(refused, /^failed$/m);
      assert.match(refused, /no space left on device/i);
    }
    for (const id of before) {
      writeFileSync(join(node.options.dataFolder, "alloc", id, "main", "local", "go"), "");
      assert.match(await end(id), /Exit Code: 3/);
    }
    assert.match(log, /state cannot be kept/);
    empty();
    assert.match(await end(start(shell("true"))), /^complete$/m);
  });

  it("names the file for which there was no room", async () => {
    const Templates = Array.from({ length: 20 }, (_, i) => ({
      DestPath: `local/file-${i}`,
      EmbeddedTmpl: "x".repeat(1024 * 1024),
    }));
    const id = start(shell("true", { Templates }));
    const said = await end(id);
    assert.match(said, /^failed$/m);
    assert.match(said, /"local\/file-\d+" cannot be written: .*no space left on device/i);
  });
});

describe("a task with a file in a place that cannot be written", () => {
  it("fails, and says which", async () => {
    const node = await TestNode.start();
    const Templates = [
      { DestPath: "local/x", EmbeddedTmpl: "a file" },
      { DestPath: "local/x/y", EmbeddedTmpl: "below it" },
    ];
    const id = node.place({ RestartPolicy: never, Tasks: [shell("true", { Templates })] });
    await node.ended(id);
    assert.match(node.events(id), /"local\/x\/y" cannot be written: .*not a directory/);
    assert.equal(node.link.updates.get(id)?.ClientStatus, "failed");
    await node.stop();
  });
});
