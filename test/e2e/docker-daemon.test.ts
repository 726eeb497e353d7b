import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { AllocationView } from "../../src/cli/views.ts";
import type { Node } from "../../src/model/node.ts";
import { DockerDaemon, withoutDocker } from "../support/docker-daemon.ts";
import { until } from "../support/wait.ts";
import { startAgent } from "./support/yurt.ts";

const JOB = `
job "contained" {
  type = "batch"
  group "contained" {
    task "contained" {
      driver = "docker"
      config {
        image        = "yurt-test:1"
        network_mode = "none"
        command      = "/bin/echo"
      }
    }
  }
}
`;

describe("a Docker daemon that comes and goes", { skip: withoutDocker }, () => {
  it("is found when it comes, by jobs that have waited for it, and missed when it goes", async () => {
    await using daemon = await DockerDaemon.start();
    await daemon.importImage("yurt-test:1");
    await daemon.stop();
    await using agent = await startAgent({ flags: ["-docker-socket", daemon.socketPath] });
    const file = join(agent.folder, "contained.nomad.hcl");
    writeFileSync(file, JOB);
    await agent.must("job", "run", "-detach", file);
    await until("the job says what it waits for", async () =>
      /docker/i.test(await agent.must("job", "status", "contained")),
    );
    const isHealthy = async () =>
      (await agent.get<Node[]>("/v1/nodes")).every(({ Drivers }) => Drivers["docker"]?.Healthy);
    assert.equal(await isHealthy(), false);
    await daemon.start();
    await until("it has run", async () => {
      const [allocation] = await agent.get<AllocationView[]>("/v1/job/contained/allocations");
      return allocation?.ClientStatus === "complete";
    });
    assert.equal(await isHealthy(), true);
    await daemon.stop();
    await until("it is missed", async () => !(await isHealthy()));
  });
});
