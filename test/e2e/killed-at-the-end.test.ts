import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { AllocationView } from "../../src/cli/views.ts";
import { DockerDaemon, withoutDocker } from "../support/docker-daemon.ts";
import { until } from "../support/wait.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const COUNT = 8;
const KILLS = 10;

/** Tasks that say one word and end with a code, at moments that lie apart. */
const job = (driver: string, image: string) => `
job "${driver}" {
  type = "batch"

  group "app" {
    count = ${COUNT}

    network {
      mode = "bridge"
    }

    restart {
      attempts = 0
      mode     = "fail"
    }

    reschedule {
      attempts  = 0
      unlimited = false
    }

    task "main" {
      driver = "${driver}"

      config {
        ${image}
        command = "/bin/sh"
        args    = ["-c", "echo up; sleep 1.$0; exit 7", "\${NOMAD_ALLOC_INDEX}"]
      }

      resources {
        cpu    = 20
        memory = 20
      }
    }
  }
}
`;

const DRIVERS = ["raw_exec", "exec", ...(withoutDocker === false ? ["docker"] : [])];

async function ended(agent: TestAgent, driver: string): Promise<AllocationView[]> {
  const all = await agent.get<AllocationView[]>(`/v1/job/${driver}/allocations`);
  return all.filter(({ ClientStatus }) => ClientStatus === "failed");
}

describe("an agent that is killed while tasks begin and end", () => {
  it("runs each of them once, keeps what it wrote, and knows how it ended", async () => {
    await using daemon = withoutDocker === false ? await DockerDaemon.start() : null;
    await daemon?.importImage("yurt-test:1");
    await using agent = await startAgent({ flags: daemon ? ["-docker-socket", daemon.socketPath] : [] });
    for (const driver of DRIVERS) {
      const file = join(agent.folder, `${driver}.nomad.hcl`);
      writeFileSync(file, job(driver, driver === "docker" ? 'image = "yurt-test:1"' : ""));
      await agent.must("job", "run", "-detach", file);
    }
    for (let kills = 0; kills < KILLS; kills++) {
      await pause(randomInt(400));
      await agent.kill("SIGKILL");
      await agent.restart();
    }
    for (const driver of DRIVERS) {
      await until(`all of ${driver} is over`, async () => (await ended(agent, driver)).length === COUNT);
      for (const { ID, TaskStates } of await ended(agent, driver)) {
        const events = (TaskStates["main"]?.Events ?? []).map(({ DisplayMessage }) => DisplayMessage);
        assert.ok(events.includes("Exit Code: 7"), events.join("\n"));
        assert.equal(
          await agent.must("alloc", "logs", ID, "main"),
          "up\n",
          `${driver}: ${events.join("\n")}`,
        );
      }
    }
  });
});
