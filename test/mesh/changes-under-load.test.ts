import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { checkKey, checks, configEntries, configKey, roots } from "../../src/mesh/tables.ts";
import { until } from "../support/wait.ts";
import { entryOf } from "./support/entry.ts";
import { TestMesh } from "./support/test-mesh.ts";

const LEAF_LIFETIME = 6000;
const ENDPOINT_CHANGES = 500;
const SPLIT_CHANGES = 50;

const split = (first: number) => ({
  Kind: "service-splitter",
  Name: "api",
  Splits: [
    { Weight: first, ServiceSubset: "v1" },
    { Weight: 100 - first, ServiceSubset: "v2" },
  ],
});

const entries = [
  { Kind: "service-defaults", Name: "api", Protocol: "http" },
  {
    Kind: "service-resolver",
    Name: "api",
    Subsets: {
      v1: { Filter: "Service.Meta.version == v1", OnlyPassing: true },
      v2: { Filter: "Service.Meta.version == v2", OnlyPassing: true },
    },
  },
];

describe("everything that changes while requests pass", () => {
  let mesh: TestMesh;
  before(async () => {
    const instances = ["v1", "v1", "v2", "v2"].map((version) => ({ version }));
    const plans = [
      { service: "web", upstreams: ["api"] },
      { service: "api", instances },
    ];
    mesh = await TestMesh.start(plans, { leafLifetime: LEAF_LIFETIME });
    await mesh.scene({ entries: [...entries, split(50)] });
  });
  after(() => mesh[Symbol.asyncDispose]());

  it(`no request fails: ${ENDPOINT_CHANGES} changes of endpoints, ${SPLIT_CHANGES} of splits, two of the root, leaves in turn`, async () => {
    const { state, authority } = mesh.server;
    let running = true;
    const answers = new Map<string, number>();
    const failures: string[] = [];
    const load = [1, 2].map(async () => {
      while (running) {
        const { status, error, body } = await mesh.call("api");
        if (status !== 200) failures.push(`${status} ${error} ${body}`);
        else answers.set(body, (answers.get(body) ?? 0) + 1);
        await pause(2);
      }
    });

    const instances = state.all(checks).filter(({ ServiceID }) => ["api-2", "api-4"].includes(ServiceID));
    for (let i = 0; i < ENDPOINT_CHANGES; i++) {
      const { CreateIndex: _, ModifyIndex: __, ...check } = instances[i % 2] ?? raise();
      const Status = i % 4 < 2 ? ("critical" as const) : ("passing" as const);
      await state.transact((tx) => tx.put(checks, checkKey(check), { ...check, Status }));
      if (i % (ENDPOINT_CHANGES / SPLIT_CHANGES) === 0) {
        const entry = entryOf(split(10 + ((i * 7) % 80)));
        await state.transact((tx) => tx.put(configEntries, configKey(entry), entry));
      }
      if (i === 100 || i === 300) await authority.rotate();
      await pause(10);
    }
    await until("the old roots are gone", () => state.all(roots).length === 1);
    running = false;
    await Promise.all(load);
    assert.deepEqual(failures, []);
    assert.deepEqual([...answers.keys()].sort(), ["api-1", "api-2", "api-3", "api-4"]);
  });
});

function raise(): never {
  throw new Error("the instances have no checks");
}
