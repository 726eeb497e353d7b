import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import type { JobInput } from "#model/job/job.ts";
import { silentLog } from "#model/log.ts";
import { Server } from "#server/server.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { apiContext } from "../../../test/support/api-context.ts";
import { nomadServer } from "../servers.ts";

const job = (over: JobInput = {}): JobInput => ({
  ID: "batch",
  Type: "batch",
  TaskGroups: [{ Name: "app", Tasks: [{ Name: "main", Driver: "exec", Config: { command: "/bin/true" } }] }],
  ...over,
});

describe("job files and versions over HTTP", () => {
  let folder: string;
  let server: Server;
  let api: FastifyInstance;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-job-api-"));
    const store = new SqliteStore(join(folder, "state.db"), { durable: false });
    const options = {
      datacenter: "dc1",
      defaultPolicy: "allow",
      leafLifetime: 1000,
      leafFailed: assert.fail,
    } as const;
    server = await Server.start(store, options, silentLog);
    api = nomadServer(apiContext(server));
  });
  after(async () => {
    await api.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const put = (url: string, payload: object) => api.inject({ method: "PUT", url, payload });

  it("parses HCL as it is written, or completes it", async () => {
    const JobHCL =
      'variable "n" {\n  type = number\n}\njob "x" {\n  group "g" {\n    count = var.n\n    task "t" {\n      driver = "exec"\n    }\n  }\n}\n';
    const written = (await put("/v1/jobs/parse", { JobHCL, Variables: "n = 3" })).json();
    assert.deepEqual(
      [
        written.ID,
        written.Region,
        written.Type,
        written.TaskGroups[0].Count,
        written.TaskGroups[0].RestartPolicy,
      ],
      ["x", null, null, 3, null],
    );
    const canonical = (
      await put("/v1/jobs/parse", { JobHCL, Variables: "n = 3", Canonicalize: true })
    ).json();
    assert.deepEqual(
      [canonical.Region, canonical.Type, canonical.TaskGroups[0].RestartPolicy.Attempts],
      ["global", "service", 2],
    );
  });

  it("says at which line text is no job, and reads no file for it", async () => {
    const parse = async (JobHCL: string) => {
      const { statusCode, body } = await put("/v1/jobs/parse", { JobHCL });
      return `${statusCode} ${body}`;
    };
    assert.equal(await parse(" "), "400 Job spec is empty");
    assert.match(
      await parse('job "x" {\n  typ = 1\n}\n'),
      /^400 Failed to parse job: input\.hcl:2:3: error: Unsupported/,
    );
    const file = await parse('job "x" {\n  meta {\n    a = file("/etc/passwd")\n  }\n}\n');
    assert.match(file, /^400 Failed to parse job: input\.hcl:3:9: .*filesystem function disabled/s);
    assert.match(await parse("not a job"), /^400 Failed to parse job: input\.hcl:1:1/);
  });

  it("validates a job, and says by name what it does not carry out", async () => {
    const bad = (
      await put("/v1/validate/job", { Job: job({ Priority: 500, UI: { Description: "said" } }) })
    ).json();
    assert.equal(bad.ValidationErrors.length, 1);
    assert.match(bad.Error, /^Priority: Value too large/);
    assert.match(bad.Warnings, /^UI: Not carried out: /);
    const other = { ...job(), ConsulToken: null, FromAnotherVersion: 1 };
    const unknown = (await put("/v1/validate/job", { Job: other })).json();
    assert.equal(unknown.ValidationErrors, null);
    assert.match(unknown.Warnings, /^FromAnotherVersion: Ignored argument: [^\n]*$/);
    const good = (await put("/v1/validate/job", { Job: job() })).json();
    assert.deepEqual([good.ValidationErrors, good.Error, good.Warnings], [null, "", ""]);
  });

  it("plans: what would change, with its effects, and nothing is stored", async () => {
    const plan = async (Job: JobInput, Diff = true) =>
      (await put("/v1/job/batch/plan", { Job, Diff })).json();
    const first = await plan(job());
    assert.deepEqual(
      [first.JobModifyIndex, first.Diff.Type, first.Diff.TaskGroups[0].Updates, first.NextPeriodicLaunch],
      [0, "Added", { create: 1 }, "0001-01-01T00:00:00Z"],
    );
    assert.equal(first.Annotations.DesiredTGUpdates.app.Place, 1);
    assert.equal(first.FailedTGAllocs.app.NodesEvaluated, 0);
    assert.equal((await api.inject("/v1/job/batch")).statusCode, 404);
    await put("/v1/jobs", { Job: job() });
    const edited = await plan(job({ Priority: 60, Meta: { a: "1" } }));
    assert.deepEqual(edited.Diff.Fields, [
      { Type: "Added", Name: "Meta[a]", Old: "", New: "1", Annotations: [] },
      { Type: "Edited", Name: "Priority", Old: "50", New: "60", Annotations: [] },
    ]);
    assert.equal((await plan(job(), false)).Diff, null);
    assert.equal((await plan(job())).Diff.Type, "None");
    assert.equal((await put("/v1/job/other/plan", { Job: job() })).statusCode, 400);
  });

  it("plans what happens to the mesh: services, upstreams and gateways that appear, change and go", async () => {
    const edge = (port: number, service: string): JobInput => ({
      ID: "edge",
      TaskGroups: [
        {
          Name: "edge",
          Networks: [{ Mode: "bridge" }],
          Services: [
            {
              Name: "edge",
              PortLabel: String(port),
              Connect: {
                Gateway: { Ingress: { Listeners: [{ Port: port, Services: [{ Name: service }] }] } },
              },
            },
          ],
          Tasks: [{ Name: "main", Driver: "exec" }],
        },
        {
          Name: "app",
          Networks: [{ Mode: "bridge" }],
          Services: [
            {
              Name: "web",
              PortLabel: "80",
              Connect: {
                SidecarService: { Proxy: { Upstreams: [{ DestinationName: service, LocalBindPort: port }] } },
              },
            },
          ],
          Tasks: [{ Name: "main", Driver: "exec" }],
        },
      ],
    });
    const plan = async (Job: JobInput) => {
      const { Changes, Warnings } = (await put("/v1/job/edge/plan", { Job })).json().Mesh;
      const lines = Changes.map(
        ({ Type, Kind, Name, Old, New }: Record<string, string>) =>
          `${Type} ${Kind} ${Name}: ${Old} → ${New}`,
      );
      return [...lines, ...Warnings];
    };
    assert.deepEqual(await plan(edge(9000, "web")), [
      "Added gateway edge:  → ingress (tcp 9000 to web), port 9000",
      "Added service web:  → port 80, behind a sidecar",
      "Added upstream web => web:  → at 127.0.0.1:9000",
    ]);
    assert.equal((await put("/v1/jobs", { Job: edge(9000, "web") })).statusCode, 200);
    assert.deepEqual(await plan(edge(9001, "api")), [
      "Edited gateway edge: ingress (tcp 9000 to web), port 9000 → ingress (tcp 9001 to api), port 9001",
      "Added upstream web => api:  → at 127.0.0.1:9001",
      "Deleted upstream web => web: at 127.0.0.1:9000 → ",
      'upstream "web" => "api": no service "api" with a proxy is registered, and this job brings none',
    ]);
    assert.deepEqual(await plan(edge(9000, "web")), []);
  });

  it("shows the versions with what each changed, and goes back to one", async () => {
    await put("/v1/jobs", { Job: job({ Priority: 60 }) });
    await put("/v1/jobs", { Job: job({ Priority: 70 }) });
    const changed = async (query: string) =>
      (await api.inject(`/v1/job/batch/versions?diffs=true${query}`))
        .json()
        .Diffs.map(({ Fields }: { Fields: { Old: string; New: string }[] }) =>
          Fields.map(({ Old, New }) => `${Old}→${New}`),
        );
    assert.deepEqual(await changed(""), [["60→70"], ["50→60"]]);
    assert.deepEqual(await changed("&diff_version=0"), [["50→70"], ["50→60"]]);
    const revert = (body: object) => put("/v1/job/batch/revert", { JobID: "batch", ...body });
    assert.match((await revert({ JobVersion: 2 })).body, /can't revert to current version/);
    assert.match(
      (await revert({ JobVersion: 0, EnforcePriorVersion: 1 })).body,
      /has version 2; enforcing version 1/,
    );
    assert.equal((await revert({ JobVersion: 9 })).statusCode, 400);
    const done = await revert({ JobVersion: 0, EnforcePriorVersion: 2 });
    assert.match(done.json().EvalID, /^[0-9a-f-]{36}$/);
    const stored = (await api.inject("/v1/job/batch")).json();
    assert.deepEqual([stored.Version, stored.Priority], [3, 50]);
  });
});
