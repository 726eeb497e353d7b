import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { admit } from "#connect/admission.ts";
import { cluster, configEntries } from "#mesh/tables.ts";
import { readConfigEntry } from "#model/config-entry/config-entry.ts";
import { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { writeConfigEntry } from "./config.ts";
import { deregisterJob, registerJob } from "./jobs.ts";
import * as tables from "./tables.ts";

const jobWith = (service: string, ...linked: readonly string[]) => {
  const Terminating = { Services: linked.map((Name) => ({ Name })) };
  const { job } = admit({
    ID: "edge",
    TaskGroups: [
      {
        Name: "edge",
        Networks: [{ Mode: "bridge" }],
        Services: [{ Name: service, Connect: { Gateway: { Terminating } } }],
      },
    ],
  });
  assert.ok(job);
  return job;
};

describe("config entries of jobs' gateways", () => {
  let folder: string;
  let state: State;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-gateways-"));
    const store = new SqliteStore(join(folder, "state.db"), { durable: false });
    const all = [...Object.values(tables).filter((each) => typeof each === "object"), configEntries, cluster];
    state = await State.open(store, all);
  });
  after(async () => {
    await state.close();
    rmSync(folder, { recursive: true });
  });

  const linked = (name: string) => {
    const entry = state.get(configEntries, keyOf("terminating-gateway", name));
    return entry?.Kind === "terminating-gateway" ? entry.Services.map(({ Name }) => Name) : null;
  };
  const byHand = (name: string, ...services: readonly string[]) => {
    const Services = services.map((Name) => ({ Name }));
    const { entry } = readConfigEntry({ Kind: "terminating-gateway", Name: name, Services });
    assert.ok(entry);
    return writeConfigEntry(state, entry);
  };

  it("come, change and go with the job", async () => {
    await registerJob(state, jobWith("out", "db"));
    assert.deepEqual(linked("out"), ["db"]);
    await registerJob(state, jobWith("out", "db", "cache"));
    assert.deepEqual(linked("out"), ["db", "cache"]);
    await registerJob(state, jobWith("out2", "db"));
    assert.deepEqual([linked("out"), linked("out2")], [null, ["db"]]);
    await deregisterJob(state, "default", "edge", false);
    assert.equal(linked("out2"), null);
  });

  it("are not taken from who wrote them, and nothing of the job is then written", async () => {
    await byHand("kept", "mine");
    const { revision } = state;
    await assert.rejects(registerJob(state, jobWith("kept", "db")), /terminating-gateway\/kept .*by hand/);
    assert.equal(state.revision, revision);
    assert.deepEqual(linked("kept"), ["mine"]);
  });

  it("that cannot stand leave nothing of the job written", async () => {
    const Listeners = [{ Port: 80, Protocol: "http", Services: [{ Name: "web", Hosts: ["*"] }] }];
    const { job } = admit({
      ID: "entrance",
      TaskGroups: [
        {
          ...{ Name: "entrance", Networks: [{ Mode: "bridge" }] },
          Services: [{ Name: "entrance", PortLabel: "80", Connect: { Gateway: { Ingress: { Listeners } } } }],
        },
      ],
    });
    assert.ok(job);
    const { revision } = state;
    await assert.rejects(registerJob(state, job), /service "web" has protocol "tcp".*Services\[0\]\.Name/);
    assert.equal(state.revision, revision);
  });

  it("that say the same stay those of who wrote them", async () => {
    await byHand("same", "db");
    await registerJob(state, jobWith("same", "db"));
    await deregisterJob(state, "default", "edge", true);
    assert.deepEqual(linked("same"), ["db"]);
  });
});
