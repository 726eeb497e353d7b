import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { until } from "../support/wait.ts";
import { startAgent } from "./support/yurt.ts";

const JOB = `
job "api" {
  group "api" {
    network { mode = "bridge" }
    update {
      min_healthy_time = "100ms"
      healthy_deadline = "20s"
      progress_deadline = "30s"
    }
    service {
      name = "api"
      port = "9000"
      connect {
        sidecar_service {}
      }
      check {
        type     = "http"
        path     = "/health"
        interval = "1s"
        timeout  = "1s"
        expose   = true
      }
    }
    task "server" {
      driver = "raw_exec"
      config {
        command = "python3"
        args    = ["-m", "http.server", "--bind", "127.0.0.1", "--directory", "local", "9000"]
      }
      template {
        destination = "local/health"
        data        = "fine"
      }
      template {
        destination = "local/secret"
        data        = "secret"
      }
    }
  }
}
`;

interface PortView {
  readonly Label: string;
  readonly Value: number;
  readonly HostIP: string;
}

describe("a check with expose = true", () => {
  it("reaches a task that listens on loopback alone, through its proxy, at its path and no other", async () => {
    await using agent = await startAgent({ dev: true });
    const file = join(agent.folder, "api.nomad.hcl");
    writeFileSync(file, JOB);
    await agent.must("job", "run", file);
    const checks = await until("the check passes", async () => {
      const response = await fetch(`${agent.consulApi}/v1/health/checks/api`);
      const all = (await response.json()) as { Type: string; Status: string; Output: string }[];
      return all.find(({ Type, Status }) => Type === "http" && Status === "passing");
    });
    assert.match(checks.Output, /200 Output: fine/);
    const [allocation] = await agent.get<{ ID: string }[]>("/v1/job/api/allocations");
    const { AllocatedResources } = await agent.get<{ AllocatedResources: { Shared: { Ports: PortView[] } } }>(
      `/v1/allocation/${allocation?.ID}`,
    );
    const port = AllocatedResources.Shared.Ports.find(({ Label }) => Label.startsWith("svc_api_ck_"));
    const at = (path: string) =>
      fetch(`http://127.0.0.1:${port?.Value}${path}`).then((response) => response.status);
    assert.deepEqual([await at("/health"), await at("/secret")], [200, 404]);
  });
});
