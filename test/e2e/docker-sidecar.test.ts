import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findEnvoy } from "#model/envoy-binary.ts";
import { DockerDaemon, withoutDocker } from "../support/docker-daemon.ts";
import { until } from "../support/wait.ts";
import { startAgent } from "./support/yurt.ts";

/** Jobs as the manual writes them: a server that speaks no mesh, and a client that calls it by its upstream. */
const job = (sidecarTask: string) => `
job "pair" {
  group "api" {
    network { mode = "bridge" }
    service {
      name = "api"
      port = "9000"
      connect {
        sidecar_service {}
        ${sidecarTask}
      }
    }
    task "server" {
      driver = "docker"
      kill_timeout = "200ms"
      config {
        image   = "yurt-test:1"
        command = "nc"
        args    = ["-ll", "-p", "9000", "-e", "/bin/echo", "hello from docker"]
      }
    }
  }
  group "web" {
    network { mode = "bridge" }
    service {
      name = "web"
      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
              local_bind_port  = 8080
            }
          }
        }
      }
    }
    task "client" {
      driver = "docker"
      kill_timeout = "200ms"
      config {
        image   = "yurt-test:1"
        command = "/bin/sh"
        args    = ["-c", "while :; do nc 127.0.0.1 8080 </dev/null; sleep 0.2; done"]
      }
    }
  }
}
`;

describe("services whose tasks and Envoys are containers", { skip: withoutDocker }, () => {
  it("speak through the mesh, with the driver of the job or of the agent, also after the agent was killed", async () => {
    await using daemon = await DockerDaemon.start();
    await daemon.importImage("yurt-test:1");
    await daemon.importEnvoy("yurt-envoy:1", findEnvoy(undefined) ?? "");
    const flags = [
      "-docker-socket",
      daemon.socketPath,
      "-sidecar-driver",
      "docker",
      "-sidecar-image",
      "yurt-envoy:1",
    ];
    await using agent = await startAgent({ flags: [...flags, "-default-intention-policy", "allow"] });
    const file = join(agent.folder, "pair.nomad.hcl");
    writeFileSync(file, job('sidecar_task { driver = "docker" }'));
    await agent.must("job", "run", "-detach", file);
    const heard = async () => {
      const all =
        await agent.get<{ ID: string; TaskGroup: string; ClientStatus: string }[]>(
          "/v1/job/pair/allocations",
        );
      const web = all.find(
        ({ TaskGroup, ClientStatus }) => TaskGroup === "web" && ClientStatus === "running",
      );
      if (web === undefined) return 0;
      const output = await agent.must("alloc", "logs", web.ID, "client");
      return output.split("hello from docker").length - 1;
    };
    const first = await until("the client hears the server", heard);
    await agent.kill("SIGKILL");
    await agent.restart();
    await until("it goes on to hear it", async () => (await heard()) > first + 3);
    const containers = await daemon.engine.call<{ Names: string[] }[]>("/containers/json");
    assert.equal(containers.length, 6, "two tasks, two Envoys, two networks");
    await agent.must("job", "stop", "-detach", "pair");
    await until(
      "every container is gone",
      async () => (await daemon.engine.call<unknown[]>("/containers/json")).length === 0,
    );
  });
});
