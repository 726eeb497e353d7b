import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JobInput } from "#model/job/job.ts";
import type { Task } from "#model/job/task.ts";
import { second } from "#model/schema/duration.ts";
import { admit } from "./admission.ts";

type Group = NonNullable<JobInput["TaskGroups"]>[number];
type ServiceInput = NonNullable<Group["Services"]>[number];

const jobWith = (service: ServiceInput, group: Group = {}): JobInput => ({
  ID: "web",
  TaskGroups: [
    {
      Name: "app",
      Networks: [{ Mode: "bridge", DynamicPorts: [{ Label: "http" }] }],
      Services: [{ Name: "api", PortLabel: "http", Connect: { SidecarService: {} }, ...service }],
      Tasks: [{ Name: "main", Driver: "exec", Config: { command: "/bin/true" } }],
      ...group,
    },
  ],
});

const admittedGroup = (input: JobInput) => {
  const { job, diagnostics } = admit(input);
  assert.deepEqual(diagnostics, []);
  const [group] = job?.TaskGroups ?? [];
  assert.ok(job && group);
  return { job, group };
};

const proxyTask = (input: JobInput): Task => {
  const task = admittedGroup(input).group.Tasks.find(({ Kind }) => Kind === "connect-proxy:api");
  assert.ok(task);
  return task;
};

describe("Connect admission", () => {
  it("puts a prestart sidecar and a port of the same name beside a service with a sidecar_service", () => {
    const { group } = admittedGroup(jobWith({}));
    assert.deepEqual(
      group.Tasks.map(({ Name, Driver, Lifecycle }) => [Name, Driver, Lifecycle]),
      [
        ["main", "exec", null],
        ["connect-proxy-api", "exec", { Hook: "prestart", Sidecar: true }],
      ],
    );
    const [network] = group.Networks;
    assert.deepEqual(
      network?.DynamicPorts.map(({ Label, To }) => [Label, To]),
      [
        ["http", 0],
        ["connect-proxy-api", -1],
      ],
    );
  });

  it("changes nothing when it is given what it made", () => {
    const { job } = admittedGroup(
      jobWith({ Connect: { SidecarService: {}, SidecarTask: { Resources: { CPU: 50 } } } }),
    );
    assert.deepEqual(admit(job).job, job);
  });

  it("leaves jobs without a connect block as they are", () => {
    const { group } = admittedGroup(jobWith({ Connect: null }));
    assert.deepEqual([group.Tasks.length, group.Networks[0]?.DynamicPorts.length], [1, 1]);
  });

  it("gives the proxy's port the label that the job chose", () => {
    const { group } = admittedGroup(jobWith({ Connect: { SidecarService: { Port: "mesh" } } }));
    assert.deepEqual(
      group.Networks[0]?.DynamicPorts.map(({ Label }) => Label),
      ["http", "mesh"],
    );
  });

  it("changes by sidecar_task only what is written there", () => {
    const plain = proxyTask(jobWith({}));
    const changed = proxyTask(
      jobWith({
        Connect: {
          SidecarService: {},
          SidecarTask: {
            Driver: "raw_exec",
            Resources: { CPU: 133 },
            Env: { A: "1" },
            Config: { extra: true },
            KillTimeout: 9 * second,
            Meta: { "connect.log_level": "debug" },
          },
        },
      }),
    );
    assert.equal(changed.Driver, "raw_exec");
    assert.deepEqual([changed.Resources.CPU, changed.Resources.MemoryMB], [133, plain.Resources.MemoryMB]);
    assert.deepEqual([changed.KillTimeout, changed.ShutdownDelay], [9 * second, plain.ShutdownDelay]);
    assert.deepEqual(changed.LogConfig, plain.LogConfig);
    assert.deepEqual(changed.Env, { A: "1" });
    assert.equal(changed.Config["extra"], true);
    assert.ok((changed.Config["args"] as string[]).includes("debug"));
  });

  it("runs the Envoy of an image with a driver of containers", () => {
    const SidecarTask = { Driver: "docker", Config: { image: "envoy:1" } };
    const { Config } = proxyTask(jobWith({ Connect: { SidecarService: {}, SidecarTask } }));
    assert.equal(Config["image"], "envoy:1");
    assert.equal((Config["args"] as string[])[0], "-c");
    const { job } = admit(jobWith({}), "docker");
    const [, proxy] = job?.TaskGroups[0]?.Tasks ?? [];
    assert.equal(proxy?.Driver, "docker");
    assert.equal(proxy?.Config["image"], "${meta.connect.sidecar_image}");
  });

  it("customises a proxy task that the job brings itself, and adds none", () => {
    const own = {
      Name: "mine",
      Driver: "raw_exec",
      Kind: "connect-proxy:api",
      Config: { command: "/bin/envoy" },
    };
    const main = { Name: "main", Driver: "exec", Config: { command: "/bin/true" } };
    const { group } = admittedGroup(jobWith({}, { Tasks: [main, own] }));
    assert.deepEqual(
      group.Tasks.map(({ Name }) => Name),
      ["main", "mine"],
    );
  });
});

describe("Checks with expose = true", () => {
  it("get a port at which the proxy serves their path, once", () => {
    const { job, group } = admittedGroup(
      jobWith({
        PortLabel: "9000",
        Checks: [
          { Type: "http", Path: "/health", Interval: 10 * second, Timeout: second, Expose: true },
          {
            Type: "http",
            Path: "/other",
            Interval: 10 * second,
            Timeout: second,
            Expose: true,
            PortLabel: "http",
          },
        ],
      }),
    );
    const [first, other] = group.Services[0]?.Checks ?? [];
    assert.match(first?.PortLabel ?? "", /^svc_api_ck_[0-9a-f]{6}$/);
    assert.equal(other?.PortLabel, "http");
    assert.deepEqual(
      group.Services[0]?.Connect?.SidecarService?.Proxy?.Expose?.Paths.map((path) => ({ ...path })),
      [
        { Path: "/health", Protocol: "http", LocalPathPort: 9000, ListenerPort: first?.PortLabel },
        { Path: "/other", Protocol: "http", LocalPathPort: 9000, ListenerPort: "http" },
      ],
    );
    assert.deepEqual(
      group.Networks[0]?.DynamicPorts.map(({ Label, To }) => [Label, To]),
      [
        ["http", 0],
        ["connect-proxy-api", -1],
        [first?.PortLabel, -1],
      ],
    );
    assert.deepEqual(admit(job).job, job);
  });
});
