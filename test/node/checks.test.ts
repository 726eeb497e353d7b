import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import type { ServiceCheck } from "#model/job/check.ts";
import { second } from "#model/schema/duration.ts";
import type { Input } from "#model/schema/schema.ts";
import { allocate, bridged, shell, TestNode } from "./test-node.ts";

let node: TestNode;
before(async () => {
  node = await TestNode.start();
});
after(() => node.stop());

const quick = { Interval: second, Timeout: second };
const loop = "while :; do sleep 0.05; done";

/** A service of a group in the host's network, at a port where the test itself serves. */
const checked = (name: string, port: number, check: Input<ServiceCheck>, line = loop) => {
  const allocation = allocate({
    Networks: [{ Mode: "host", ReservedPorts: [{ Label: "p", Value: port }] }],
    Services: [{ Name: name, PortLabel: "p", Checks: [{ Name: "check", ...quick, ...check }] }],
    Tasks: [shell(line)],
  });
  node.link.add(allocation);
  return allocation.ID;
};
const becomes = (service: string, status: string) =>
  node.link.until(() => node.link.checksOf(service)["check"] === status, `${service} being ${status}`);
const end = async (id: AllocationId) => {
  node.link.stop(id);
  await node.ended(id);
};

describe("checks of a service", { concurrency: true }, () => {
  it("ask by HTTP with the method, headers and body of their job", async () => {
    let status = 200;
    const asked: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        asked.push(`${request.method} ${request.url} ${request.headers["x-who"]} ${body}`);
        response.writeHead(status).end("said");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    const id = checked("web", port, {
      Type: "http",
      Path: "/health",
      Method: "POST",
      Header: { "x-who": ["${NOMAD_GROUP_NAME}"] },
      Body: "ping",
      FailuresBeforeCritical: 2,
    });
    await becomes("web", "passing");
    assert.equal(asked[0], "POST /health group ping");
    status = 429;
    await becomes("web", "warning");
    status = 500;
    await becomes("web", "critical");
    await end(id);
    server.close();
  });

  it("ask the health of a gRPC server", async () => {
    let serving = 1;
    const server = createHttp2Server();
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      assert.equal(headers[":path"], "/grpc.health.v1.Health/Check");
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, serving]));
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const id = checked("rpc", (server.address() as AddressInfo).port, { Type: "grpc", GRPCService: "x" });
    await becomes("rpc", "passing");
    serving = 2;
    await becomes("rpc", "critical");
    await end(id);
    server.close();
  });

  it("run a command in their task: 0 passes, 1 warns, all else is critical", async () => {
    const Args = ["-c", 'exit $(cat "$NOMAD_TASK_DIR/code")'];
    const id = checked(
      "script",
      1,
      { Type: "script", Command: "/bin/sh", Args, TaskName: "main" },
      `for code in 0 1 2; do echo $code >local/code; until [ -e local/go$code ]; do sleep 0.05; done; done; ${loop}`,
    );
    for (const [code, status] of [
      [0, "passing"],
      [1, "warning"],
      [2, "critical"],
    ] as const) {
      await becomes("script", status);
      const command = ["/bin/sh", "-c", `touch "$NOMAD_TASK_DIR/go${code}"`];
      await (await node.agent.access.exec(id, "main", { command, tty: false })).exitCode;
    }
    await end(id);
  });

  it("restart their task when it stays unhealthy, which counts as its failure", async () => {
    const allocation = allocate({
      RestartPolicy: { Attempts: 1, Interval: 60 * second, Delay: second / 100, Mode: "fail" },
      Tasks: [
        shell(loop, {
          KillTimeout: second / 10,
          Services: [
            {
              Name: "sick",
              Checks: [
                {
                  ...quick,
                  Name: "check",
                  Type: "script",
                  Command: "/bin/false",
                  CheckRestart: { Limit: 2, Grace: 0 },
                },
              ],
            },
          ],
        }),
      ],
    });
    node.link.add(allocation);
    await node.ended(allocation.ID);
    assert.match(node.events(allocation.ID), /Restart Signaled: healthcheck: check "check" unhealthy/);
    assert.match(node.events(allocation.ID), /Exceeded allowed attempts 1/);
    assert.equal(node.state(allocation.ID)?.Restarts, 1);
  });

  it("decide the health of their allocation, unless the job says that they do not", async () => {
    const group = (OnUpdate: "require_healthy" | "ignore") =>
      allocate({
        Update: { MinHealthyTime: second / 100, HealthyDeadline: 2 * second, HealthCheck: "checks" },
        Networks: bridged(),
        Services: [
          {
            Name: `on-${OnUpdate.replace("_", "-")}`,
            Checks: [
              { ...quick, Name: "check", Type: "script", Command: "/bin/false", TaskName: "main", OnUpdate },
            ],
          },
        ],
        Tasks: [shell(loop)],
      });
    const [required, ignored] = [group("require_healthy"), group("ignore")];
    node.link.add(required, ignored);
    const health = (id: AllocationId) => node.link.updates.get(id)?.DeploymentHealthy ?? null;
    await node.link.until(() => health(required.ID) !== null && health(ignored.ID) !== null, "health");
    assert.deepEqual([health(required.ID), health(ignored.ID)], [false, true]);
    await Promise.all([end(required.ID), end(ignored.ID)]);
  });

  it("make healthy what has come in place of another as the group's migrate block says", async () => {
    const moved = (minHealthy: number) => ({
      ...allocate({
        Update: { HealthCheck: "manual" },
        Migrate: { MinHealthyTime: minHealthy, HealthyDeadline: 5 * second },
        Tasks: [shell(loop)],
      }),
      DeploymentID: "" as const,
    });
    const [soon, late] = [moved(0), moved(60 * second)];
    node.link.add(soon, late);
    const health = ({ ID }: { ID: AllocationId }) => node.link.updates.get(ID)?.DeploymentHealthy ?? null;
    await node.link.until(() => health(soon) !== null && health(late) !== null, "health");
    assert.deepEqual([health(soon), health(late)], [true, false]);
    await Promise.all([end(soon.ID), end(late.ID)]);
  });
});
