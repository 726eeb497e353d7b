import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../support/wait.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

/** Each task counts aloud, so that a line that is lost or doubled shows. */
const job = (mark: string, version: number) => `
job "count" {
  group "count" {
    count = 2
    network { mode = "bridge" }
    update {
      max_parallel     = 2
      min_healthy_time = "50ms"
    }
    restart {
      attempts = 0
      mode     = "fail"
    }
    ${["raw_exec", "exec"]
      .map(
        (driver) => `
    task "${driver}" {
      driver       = "${driver}"
      kill_timeout = "500ms"
      env { MARK = "${mark}-${version}" }
      config {
        command = "/bin/sh"
        args    = ["-c", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done", "${mark}"]
      }
      resources {
        cpu    = 20
        memory = 32
      }
    }`,
      )
      .join("")}
  }
}
`;

const KILLS = 10;

interface Stub {
  readonly ID: string;
  readonly ClientStatus: string;
  readonly JobVersion: number;
  readonly TaskStates: Readonly<Record<string, { readonly Restarts: number; readonly State: string }>>;
}

const allocations = (agent: TestAgent) => agent.get<Stub[]>("/v1/job/count/allocations");

/** Tasks of the test, each of which is one shell. */
const shells = (mark: string) =>
  execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.startsWith("/bin/sh -c i=0;") && line.includes(mark)).length;

describe("an agent that is killed again and again", () => {
  it("ends where it would have ended, with no task lost, doubled or left over", async () => {
    await using agent = await startAgent();
    const mark = `killed-${process.pid}`;
    const file = join(agent.folder, "count.nomad.hcl");
    for (const version of [0, 1]) {
      writeFileSync(file, job(mark, version));
      await agent.must("job", "run", "-detach", file);
      for (let kills = 0; kills < KILLS / 2; kills++) {
        await pause(randomInt(400));
        await agent.kill("SIGKILL");
        await agent.restart();
      }
      await until(`version ${version} runs`, async () => {
        const running = (await allocations(agent)).filter(({ ClientStatus }) => ClientStatus === "running");
        return (
          running.length === 2 &&
          running.every(({ JobVersion }) => JobVersion === version) &&
          shells(mark) === 4
        );
      });
    }
    const running = (await allocations(agent)).filter(({ ClientStatus }) => ClientStatus === "running");
    for (const { ID, TaskStates } of running) {
      for (const [task, { Restarts }] of Object.entries(TaskStates)) {
        const lines = (await agent.must("alloc", "logs", ID, task)).trimEnd().split("\n");
        assert.equal(Restarts, 0);
        assert.deepEqual(
          lines,
          lines.map((_, index) => `line ${index + 1}`),
          "no line is lost or doubled",
        );
      }
    }
    await agent.must("job", "stop", "-detach", "count");
    await pause(randomInt(300));
    await agent.kill("SIGKILL");
    await agent.restart();
    await until("nothing runs", async () => {
      const all = await allocations(agent);
      return (
        all.every(({ ClientStatus }) => ["complete", "failed", "lost"].includes(ClientStatus)) &&
        shells(mark) === 0
      );
    });
    const namespaces = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
    const ids = (await allocations(agent)).map(({ ID }) => ID);
    assert.deepEqual(
      ids.filter((id) => namespaces.includes(id)),
      [],
    );
  });
});
