import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { cluster, configEntries } from "#mesh/tables.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import type { Job } from "#model/job/job.ts";
import { State } from "#state/state.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { registerJob } from "./jobs.ts";
import { planJob } from "./plan-job.ts";
import * as tables from "./tables.ts";

const job = (count: number): Job =>
  canonicalize({
    ID: "web",
    TaskGroups: [{ Name: "app", Count: count, Tasks: [{ Name: "main", Driver: "exec" }] }],
  });

describe("a dry run", () => {
  let folder: string;
  let state: State;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-plan-"));
    const store = new SqliteStore(join(folder, "state.db"), { durable: false });
    const all = [...Object.values(tables).filter((each) => typeof each === "object"), configEntries, cluster];
    state = await State.open(store, all);
  });
  after(async () => {
    await state.close();
    rmSync(folder, { recursive: true });
  });

  it("tells what a new job would do, and what stands in the way, and writes nothing", () => {
    const revision = state.revision;
    const plan = planJob(state, job(2));
    assert.equal(plan.before, null);
    assert.equal(plan.updates["app"]?.Place, 2);
    assert.equal(plan.failed["app"]?.CoalescedFailures, 1);
    assert.equal(state.revision, revision);
  });

  it("knows the job as it is registered", async () => {
    await registerJob(state, job(1));
    assert.equal(planJob(state, job(3)).before?.Version, 0);
  });
});
