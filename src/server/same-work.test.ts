import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { admit } from "#connect/admission.ts";
import type { Job, JobInput } from "#model/job/job.ts";
import { minute, second } from "#model/schema/duration.ts";
import { sameWork } from "./same-work.ts";

type Group = NonNullable<JobInput["TaskGroups"]>[number];
type Service = NonNullable<Group["Services"]>[number];
type Task = NonNullable<Group["Tasks"]>[number];
type Proxy = NonNullable<NonNullable<NonNullable<Service["Connect"]>["SidecarService"]>["Proxy"]>;

interface Changes {
  readonly job?: JobInput;
  readonly group?: Partial<Group>;
  readonly service?: Partial<Service>;
  readonly proxy?: Proxy;
  readonly task?: Partial<Task>;
}

const api = { DestinationName: "api", LocalBindPort: 8080 };

/** A service with a sidecar, one upstream and a check. */
function jobWith({ job, group, service, proxy, task }: Changes): Job {
  const admitted = admit({
    ID: "web",
    TaskGroups: [
      {
        Name: "web",
        Networks: [{ Mode: "bridge", DynamicPorts: [{ Label: "http", To: 80 }, { Label: "other" }] }],
        Services: [
          {
            Name: "web",
            PortLabel: "http",
            Checks: [
              { Name: "ok", Type: "http", Path: "/", PortLabel: "other", Interval: second, Timeout: second },
            ],
            Connect: { SidecarService: { Proxy: { Upstreams: [api], ...proxy } } },
            ...service,
          },
        ],
        Tasks: [{ Name: "main", Driver: "exec", Config: { command: "/bin/true" }, ...task }],
        ...group,
      },
    ],
    ...job,
  });
  assert.ok(admitted.job, JSON.stringify(admitted.diagnostics));
  return admitted.job;
}

const inPlace: Readonly<Record<string, Changes>> = {
  "the count": { group: { Count: 3 } },
  "the priority": { job: { Priority: 80 } },
  "constraints, affinities and spreads": {
    group: {
      Constraints: [{ LTarget: "${attr.kernel.name}", RTarget: "linux", Operand: "=" }],
      Affinities: [{ LTarget: "${node.datacenter}", RTarget: "dc1", Operand: "=", Weight: 50 }],
      Spreads: [{ Attribute: "${node.datacenter}" }],
    },
  },
  "how it is updated, migrated, rescheduled and restarted": {
    group: {
      Update: { MaxParallel: 3 },
      Migrate: { MaxParallel: 2 },
      ReschedulePolicy: { Attempts: 1, Interval: minute, Unlimited: false },
      RestartPolicy: { Attempts: 9 },
    },
  },
  "how long it may run and how it ends": { group: { ShutdownDelay: 3 * second } },
  "how a task is ended": { task: { KillTimeout: 9 * second, KillSignal: "SIGTERM", ShutdownDelay: second } },
  "which task leads": { task: { Leader: true } },
  "a service's tags and facts": { service: { Tags: ["v2"], Meta: { v: "2" }, CanaryTags: ["canary"] } },
  "a service's checks": { service: { Checks: [] } },
  "a service of a task": { task: { Services: [{ Name: "admin", PortLabel: "other" }] } },
  "a further upstream": { proxy: { Upstreams: [api, { DestinationName: "db", LocalBindPort: 5432 }] } },
  "a further upstream without a port": { proxy: { Upstreams: [api, { DestinationName: "db" }] } },
  "one upstream less": { proxy: { Upstreams: [] } },
  "settings of the proxy that it is told while it runs": {
    proxy: { Config: { max_inbound_connections: 9 } },
  },
};

const destructive: Readonly<Record<string, Changes>> = {
  "facts of the job, which tasks have in their environment": { job: { Meta: { v: "2" } } },
  "the program": { task: { Config: { command: "/bin/false" } } },
  "the environment": { task: { Env: { V: "2" } } },
  "the resources": { task: { Resources: { MemoryMB: 900 } } },
  "the ports": {
    group: { Networks: [{ Mode: "bridge", DynamicPorts: [{ Label: "http", To: 81 }, { Label: "other" }] }] },
  },
  "the port of a service with a proxy, by which the proxy is known": { service: { PortLabel: "other" } },
  "a proxy that was not there": { service: { Connect: null } },
  "another place of an upstream": { proxy: { Upstreams: [{ ...api, LocalBindPort: 8081 }] } },
  "another way of the packets to the proxy": { proxy: { TransparentProxy: {} } },
  "settings of the proxy that it reads but once": { proxy: { Config: { envoy_stats_flush_interval: "9s" } } },
};

describe("an allocation", () => {
  for (const [change, changes] of Object.entries(inPlace)) {
    it(`goes on when this changes: ${change}`, () => {
      const [before, after] = [jobWith({}), jobWith(changes)];
      assert.notDeepEqual(before, after);
      assert.equal(sameWork(before, after, "web"), true);
    });
  }

  for (const [change, changes] of Object.entries(destructive)) {
    it(`is replaced when this changes: ${change}`, () => {
      assert.equal(sameWork(jobWith({}), jobWith(changes), "web"), false);
    });
  }

  it("is replaced when an upstream without a port would get another one", () => {
    const of = (...names: string[]) =>
      jobWith({ proxy: { Upstreams: names.map((DestinationName) => ({ DestinationName })) } });
    assert.equal(sameWork(of("api"), of("api", "db"), "web"), true);
    assert.equal(sameWork(of("api"), of("db", "api"), "web"), false);
  });

  it("goes on behind a transparent proxy unless what is redirected changes", () => {
    const of = (proxy: Proxy, service: Partial<Service> = {}) =>
      jobWith({ proxy: { TransparentProxy: {}, ...proxy }, service });
    assert.equal(sameWork(of({}), of({}, { Tags: ["v2"] }), "web"), true);
    const Expose = { Paths: [{ Path: "/health", LocalPathPort: 80, ListenerPort: "other" }] };
    assert.equal(sameWork(of({}), of({ Expose }), "web"), false);
  });
});
