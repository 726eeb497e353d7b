import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import type { JobInput } from "#model/job/job.ts";
import { type ApiOnly, startApi } from "../../test/support/api-only.ts";
import { until } from "../../test/support/wait.ts";

const job = (over: JobInput = {}): JobInput => ({
  ID: "web",
  TaskGroups: [
    {
      Name: "app",
      Networks: [{ Mode: "bridge", DynamicPorts: [{ Label: "http" }] }],
      Services: [{ Name: "api", PortLabel: "http", Connect: { SidecarService: {} } }],
      Tasks: [{ Name: "main", Driver: "exec", Config: { command: "/bin/true" } }],
    },
  ],
  ...over,
});

describe("HTTP API", () => {
  let api: ApiOnly;
  let nomad: FastifyInstance;
  let consul: FastifyInstance;
  before(async () => {
    api = await startApi({ defaultPolicy: "allow" });
    ({ nomad, consul } = api);
  });
  after(() => api[Symbol.asyncDispose]());

  const put = (app: FastifyInstance, url: string, payload: object) =>
    app.inject({ method: "PUT", url, payload });

  it("registers a job with its proxy, keeps the version of an unchanged one, and counts up a changed one", async () => {
    const first = await put(nomad, "/v1/jobs", { Job: job() });
    assert.equal(first.statusCode, 200, first.body);
    assert.match(first.json().EvalID, /^[0-9a-f-]{36}$/);
    await put(nomad, "/v1/jobs", { Job: job() });
    const stored = (await nomad.inject("/v1/job/web")).json();
    assert.equal(stored.Version, 0);
    assert.equal(stored.TaskGroups[0].Tasks[1].Kind, "connect-proxy:api");
    await put(nomad, "/v1/jobs", { Job: job({ Priority: 60 }) });
    const versions = (await nomad.inject("/v1/job/web/versions")).json().Versions;
    assert.deepEqual(
      versions.map(({ Version, Priority }: { Version: number; Priority: number }) => [Version, Priority]),
      [
        [1, 60],
        [0, 50],
      ],
    );
  });

  it("takes back a job as it gave it", async () => {
    const stored = (await nomad.inject("/v1/job/web")).json();
    await put(nomad, "/v1/job/web", { Job: stored });
    assert.equal((await nomad.inject("/v1/job/web")).json().Version, stored.Version);
  });

  it("enforces an index when asked to", async () => {
    const { JobModifyIndex } = (await nomad.inject("/v1/job/web")).json();
    const stale = await put(nomad, "/v1/jobs", {
      Job: job(),
      EnforceIndex: true,
      JobModifyIndex: JobModifyIndex - 1,
    });
    assert.deepEqual([stale.statusCode, stale.body.includes("Enforcing job modify index")], [409, true]);
    const fresh = await put(nomad, "/v1/jobs", { Job: job(), EnforceIndex: true, JobModifyIndex });
    assert.equal(fresh.statusCode, 200);
  });

  it("says where a job is wrong, and stores nothing of it", async () => {
    const wrong = await put(nomad, "/v1/jobs", {
      Job: { ...job({ ID: "wrong" }), TaskGroups: [{ Name: "g", Taskz: [] }] },
    });
    assert.deepEqual(
      [wrong.statusCode, /TaskGroups\[0\]\.Taskz.*"Tasks"/.test(wrong.body)],
      [400, true],
      wrong.body,
    );
    const hostMode = job({ ID: "wrong" });
    const [group] = hostMode.TaskGroups ?? [];
    const unfit = await put(nomad, "/v1/jobs", {
      Job: { ...hostMode, TaskGroups: [{ ...group, Networks: [{ Mode: "host" }] }] },
    });
    assert.deepEqual([unfit.statusCode, unfit.body.includes('"bridge"')], [400, true], unfit.body);
    assert.equal((await nomad.inject("/v1/job/wrong")).statusCode, 404);
    assert.equal((await put(nomad, "/v1/jobs", {})).statusCode, 400);
    assert.equal((await nomad.inject({ method: "PUT", url: "/v1/jobs", payload: "{" })).statusCode, 400);
  });

  it("says why a job cannot be placed", async () => {
    const { EvalID } = (await put(nomad, "/v1/jobs", { Job: job({ ID: "homeless" }) })).json();
    const read = async () => (await nomad.inject(`/v1/evaluation/${EvalID}`)).json();
    const evaluation = await until("the evaluation ends", async () => {
      const now = await read();
      return now.Status !== "pending" && now;
    });
    assert.equal(evaluation.Status, "complete");
    assert.equal(evaluation.FailedTGAllocs.app.NodesEvaluated, 0);
    assert.notEqual(evaluation.BlockedEval, "");
    const status = (await nomad.inject("/v1/job/homeless")).json().Status;
    assert.equal(status, "pending");
  });

  it("holds a blocking query until something changes, and answers it then", async () => {
    const first = await consul.inject("/v1/config/service-defaults");
    const index = Number(first.headers["x-consul-index"]);
    const waiting = consul.inject(`/v1/config/service-defaults?index=${index}&wait=60s`);
    await put(consul, "/v1/config", { Kind: "service-defaults", Name: "late", Protocol: "http" });
    const second = await waiting;
    assert.ok(Number(second.headers["x-consul-index"]) > index);
    assert.deepEqual(
      second.json().map(({ Name }: { Name: string }) => Name),
      ["late"],
    );
    const timedOut = await consul.inject(
      `/v1/config/service-defaults?index=${second.headers["x-consul-index"]}&wait=10ms`,
    );
    assert.equal(timedOut.statusCode, 200);
    assert.equal((await consul.inject("/v1/config/service-defaults?index=x")).statusCode, 400);
  });

  it("writes, reads, lists and deletes config entries, by index where asked to", async () => {
    const entry = { Kind: "service-defaults", Name: "api", Protocol: "http" };
    assert.equal((await put(consul, "/v1/config", entry)).json(), true);
    const { ModifyIndex, Protocol } = (await consul.inject("/v1/config/service-defaults/api")).json();
    assert.equal(Protocol, "http");
    assert.equal(
      (await put(consul, `/v1/config?cas=${ModifyIndex - 1}`, { ...entry, Protocol: "tcp" })).json(),
      false,
    );
    assert.equal(
      (await put(consul, `/v1/config?cas=${ModifyIndex}`, { ...entry, Protocol: "grpc" })).json(),
      true,
    );
    await consul.inject({ method: "DELETE", url: "/v1/config/service-defaults/api" });
    assert.equal((await consul.inject("/v1/config/service-defaults/api")).statusCode, 404);
    const wrong = await put(consul, "/v1/config", { ...entry, Protocol: "htp" });
    assert.deepEqual(
      [wrong.statusCode, /service-defaults\/api Protocol.*"http"/.test(wrong.body)],
      [400, true],
      wrong.body,
    );
    assert.equal((await consul.inject("/v1/config/service-default")).statusCode, 400);
  });

  it("keeps intentions as sources of config entries", async () => {
    const exact = (source: string, destination: string) =>
      `/v1/connect/intentions/exact?source=${source}&destination=${destination}`;
    await put(consul, exact("web", "api"), { Action: "deny" });
    await put(consul, exact("*", "api"), { Action: "allow" });
    const entry = (await consul.inject("/v1/config/service-intentions/api")).json();
    assert.deepEqual(
      entry.Sources.map(({ Name, Action, Precedence }: Record<string, unknown>) => [
        Name,
        Action,
        Precedence,
      ]),
      [
        ["web", "deny", 9],
        ["*", "allow", 8],
      ],
    );
    const check = async (source: string) =>
      (await consul.inject(`/v1/connect/intentions/check?source=${source}&destination=api`)).json().Allowed;
    assert.deepEqual([await check("web"), await check("batch")], [false, true]);
    const match = (await consul.inject("/v1/connect/intentions/match?by=destination&name=api")).json();
    assert.deepEqual(
      match.api.map(({ SourceName }: { SourceName: string }) => SourceName),
      ["web", "*"],
    );
    for (const source of ["web", "*"]) await consul.inject({ method: "DELETE", url: exact(source, "api") });
    assert.deepEqual((await consul.inject("/v1/connect/intentions")).json(), []);
    assert.equal((await consul.inject("/v1/config/service-intentions/api")).statusCode, 404);
  });

  it("shows its root certificate and never its key", async () => {
    const answer = await consul.inject("/v1/connect/ca/roots");
    assert.equal(answer.json().Roots[0].ID, answer.json().ActiveRootID);
    assert.match(answer.json().TrustDomain, /^[0-9a-f-]{36}\.consul$/);
    assert.ok(!answer.body.includes("PRIVATE KEY"));
    const pem = await consul.inject("/v1/connect/ca/roots?pem=true");
    assert.match(pem.body, /^-----BEGIN CERTIFICATE-----/);
  });

  it("does not answer pages from elsewhere", async () => {
    const foreign = await nomad.inject({
      url: "/v1/jobs",
      headers: { host: "127.0.0.1:4646", origin: "https://evil.example" },
    });
    assert.equal(foreign.statusCode, 403);
    const rebound = { host: "evil.example:4646", origin: "http://evil.example:4646" };
    assert.equal((await nomad.inject({ url: "/v1/jobs", headers: rebound })).statusCode, 403);
    const own = { host: "127.0.0.1:4646", origin: "http://127.0.0.1:4646" };
    assert.equal((await nomad.inject({ url: "/v1/jobs", headers: own })).statusCode, 200);
  });

  it("forgets a purged job, and says so of one that is not there", async () => {
    assert.equal((await nomad.inject({ method: "DELETE", url: "/v1/job/web?purge=true" })).statusCode, 200);
    assert.equal((await nomad.inject("/v1/job/web")).statusCode, 404);
    assert.equal((await nomad.inject({ method: "DELETE", url: "/v1/job/web" })).statusCode, 404);
  });

  it("answers what it does not know with a sentence", async () => {
    const answer = await nomad.inject("/v1/nothing");
    assert.deepEqual([answer.statusCode, answer.body], [404, "there is no route GET /v1/nothing"]);
  });
});
