import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findEnvoy } from "#model/envoy-binary.ts";
import { DockerDaemon, withoutDocker } from "../support/docker-daemon.ts";
import { until } from "../support/wait.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

/** Jobs as the manual writes them: a server that speaks no mesh, and a client that calls it by its upstream. */
interface Variant {
  /** Of the server's sidecar. */
  readonly sidecarTask?: string;
  /** How the client's proxy reaches the server, and at which address the client does. */
  readonly proxy?: string;
  readonly address?: string;
}

const UPSTREAM = `upstreams {
              destination_name = "api"
              local_bind_port  = 8080
            }`;

const job = ({ sidecarTask = "", proxy = UPSTREAM, address = "127.0.0.1 8080" }: Variant) => `
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
            ${proxy}
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
        args    = ["-c", "while :; do nc ${address} </dev/null; sleep 0.2; done"]
      }
    }
  }
}
`;

describe("services whose tasks and Envoys are containers", { skip: withoutDocker }, () => {
  let daemon: DockerDaemon;
  let agent: TestAgent;
  before(async () => {
    daemon = await DockerDaemon.start();
    await daemon.importImage("yurt-test:1");
    await daemon.importEnvoy("yurt-envoy:1", findEnvoy(undefined) ?? "");
    const flags = [
      ...["-docker-socket", daemon.socketPath, "-sidecar-driver", "docker"],
      ...["-sidecar-image", "yurt-envoy:1", "-default-intention-policy", "allow"],
    ];
    agent = await startAgent({ flags });
  });
  after(async () => {
    await agent?.[Symbol.asyncDispose]();
    await daemon?.[Symbol.asyncDispose]();
  });

  const run = async (variant: Variant) => {
    const file = join(agent.folder, "pair.nomad.hcl");
    writeFileSync(file, job(variant));
    await agent.must("job", "run", "-detach", file);
  };
  /** How often the client has heard the server. */
  const heard = async () => {
    const all =
      await agent.get<{ ID: string; TaskGroup: string; ClientStatus: string }[]>("/v1/job/pair/allocations");
    const web = all.find(({ TaskGroup, ClientStatus }) => TaskGroup === "web" && ClientStatus === "running");
    if (web === undefined) return 0;
    const output = await agent.must("alloc", "logs", web.ID, "client");
    return output.split("hello from docker").length - 1;
  };
  const containers = () => daemon.engine.call<{ Names: string[] }[]>("/containers/json");
  const end = async () => {
    await agent.must("job", "stop", "-detach", "-purge", "pair");
    await until("every container is gone", async () => (await containers()).length === 0);
  };

  it("speak through the mesh, with the driver of the job or of the agent, also after the agent was killed", async () => {
    await run({ sidecarTask: 'sidecar_task { driver = "docker" }' });
    const first = await until("the client hears the server", heard);
    await agent.kill("SIGKILL");
    await agent.restart();
    await until("it goes on to hear it", async () => (await heard()) > first + 3);
    assert.equal((await containers()).length, 6, "two tasks, two Envoys, two networks");
    await end();
  });

  it("reach one another by their virtual names through transparent proxies", async () => {
    await run({ proxy: "transparent_proxy {}", address: "api.virtual.consul 9000" });
    await until("the client hears the server", heard);
    await end();
  });
});
