import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { sealingVault } from "#mesh/ca/key-vault.ts";
import type { Allocation } from "#model/allocation.ts";
import { silentLog } from "#model/log.ts";
import { hour } from "#model/schema/duration.ts";
import { withoutIndexes } from "#state/table.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { job, node } from "../../../test/support/cluster.ts";
import { startServer, type TestServer } from "../../../test/support/server.ts";
import { until } from "../../../test/support/wait.ts";
import { deregisterJob, registerJob } from "../jobs.ts";
import { Server, type ServerOptions } from "../server.ts";
import { identityKeys } from "../tables.ts";
import { KeyCalendar } from "./key-calendar.ts";
import type { SigningKey } from "./signing-key.ts";

const WEB = job(
  {},
  {
    Tasks: [
      {
        Name: "main",
        Driver: "exec",
        Resources: { CPU: 10, MemoryMB: 10 },
        Identity: { Env: true },
        Identities: [
          { Name: "short", File: true, TTL: hour },
          { Name: "long", File: true, TTL: 1000 * hour },
        ],
      },
    ],
  },
);

describe("a keyring", () => {
  let folder: string;
  let test: TestServer;
  let allocation: Allocation;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-keyring-"));
    test = await startServer(folder);
    test.join(node("n1"));
    await registerJob(test.server.state, WEB);
    await until("the allocation runs", () => test.of("web")[0]?.ClientStatus === "running");
    allocation = test.of("web")[0] as Allocation;
  });
  afterEach(async () => {
    await test[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const sign = async (identity: string, { identities } = test.server) =>
    (await identities.sign({ allocation: allocation.ID, task: "main", identity })).token;
  const verified = async (token: string, { identities } = test.server) =>
    jwtVerify(token, createLocalJWKSet((await identities.published()) as never)).then(
      ({ payload }) => payload.sub,
      (error: Error) => error.message,
    );
  const states = () =>
    test.server.keyring.keys.sort((a, b) => a.CreateTime - b.CreateTime).map(({ State }) => State);
  const change = (id: string, change: Partial<SigningKey>) =>
    test.server.state.transact((tx) => {
      const key = tx.get(identityKeys, id);
      assert.ok(key);
      tx.put(identityKeys, id, { ...withoutIndexes<SigningKey>(key), ...change });
    });
  const endJob = async () => {
    await deregisterJob(test.server.state, "default", "web", false);
    await until("the allocation is over", () => test.of("web")[0]?.ClientStatus === "complete");
  };

  it("makes one first key, however many tasks ask for a token at once", async () => {
    await Promise.all(Array.from({ length: 5 }, () => sign("short")));
    assert.deepEqual(states(), ["active"]);
  });

  it("verifies by the published keys what the key before has signed, and signs with the new one", async () => {
    const before = await sign("short");
    const { KeyID } = await test.server.keyring.rotate();
    const after = await sign("short");
    assert.equal(decodeProtectedHeader(after).kid, KeyID);
    assert.notEqual(decodeProtectedHeader(before).kid, KeyID);
    for (const token of [before, after])
      assert.equal(await verified(token), "global:default:web:app:main:short");
    assert.deepEqual(states(), ["inactive", "active"]);
  });

  it("publishes a key before it signs, and lets it sign when its time has come", async () => {
    const calendar = new KeyCalendar(
      test.server.keyring,
      { rotationThreshold: 720 * 3_600_000, gcInterval: 3_600_000, gcThreshold: 3_600_000 },
      silentLog,
    );
    calendar.close();
    const { kid } = decodeProtectedHeader(await sign("short"));
    await calendar.act();
    assert.deepEqual(states(), ["active"]);
    await change(kid ?? "", { Since: Date.now() * 1e6 - 400 * hour });
    await calendar.act();
    await calendar.act();
    assert.deepEqual(states(), ["active", "prepublished"]);
    const next = test.server.keyring.keys.find(({ State }) => State === "prepublished");
    const published = await test.server.identities.published();
    assert.ok(published.keys.some((key) => key.kid === next?.KeyID));
    assert.equal(decodeProtectedHeader(await sign("short")).kid, kid);
    await change(next?.KeyID ?? "", { PublishTime: Date.now() * 1e6 });
    await calendar.act();
    assert.equal(decodeProtectedHeader(await sign("short")).kid, next?.KeyID);
    assert.deepEqual(states(), ["inactive", "active"]);
  });

  it("forgets a key when the longest token that it has signed is over, and not before", async () => {
    await endJob();
    const { kid: id = "" } = decodeProtectedHeader(await sign("long"));
    await sign("short");
    await test.server.keyring.rotate();
    const rotated = (hours: number) => change(id, { Since: Date.now() * 1e6 - hours * hour });
    await rotated(1000.5);
    assert.deepEqual(await test.server.keyring.forget(hour), []);
    await rotated(999.5);
    assert.deepEqual(await test.server.keyring.forget(0), []);
    await assert.rejects(test.server.keyring.remove(id, { force: false }), /may be valid until 20.*force/);
    await rotated(1001.5);
    assert.deepEqual(await test.server.keyring.forget(hour), [id]);
    assert.deepEqual(states(), ["active"]);
  });

  it("keeps a key while an allocation may hold a token of it that has no end", async () => {
    const token = await sign("default");
    const { kid: id = "" } = decodeProtectedHeader(token);
    await test.server.keyring.rotate();
    assert.deepEqual(await test.server.keyring.forget(0), []);
    await assert.rejects(
      test.server.keyring.remove(id, { force: false }),
      new RegExp(`${allocation.ID} may hold`),
    );
    assert.equal(await verified(token), "global:default:web:app:main:default");
    await endJob();
    assert.deepEqual(await test.server.keyring.forget(0), [id]);
    assert.match((await verified(token)) ?? "", /no applicable key/);
  });

  it("removes no key that signs, and another one only by force while it is needed", async () => {
    const { kid: id = "" } = decodeProtectedHeader(await sign("short"));
    const remove = (key: string, force: boolean) => test.server.keyring.remove(key, { force });
    await assert.rejects(remove(id, true), /active root key cannot be deleted/);
    await assert.rejects(remove("none", false), /no key "none"/);
    await test.server.keyring.rotate();
    await remove(id, true);
    const { KeyID: next } = await test.server.keyring.rotate(Date.now() * 1e6 + hour);
    await remove(next, false);
    assert.deepEqual(states(), ["active"]);
  });

  it("goes on with the one key of a state from before there were several", async () => {
    const token = await sign("long");
    const { kid: id = "" } = decodeProtectedHeader(token);
    await test.server.state.transact((tx) => {
      const { KeyID, PublicKey, PrivateKey } = tx.get(identityKeys, id) as SigningKey;
      tx.put(identityKeys, id, { KeyID, PublicKey, PrivateKey } as SigningKey);
    });
    await test[Symbol.asyncDispose]();
    test = await startServer(folder);
    assert.deepEqual(states(), ["active"]);
    assert.equal(test.server.keyring.keys[0]?.LongestTTL, 1000 * hour);
    assert.equal(await verified(token), "global:default:web:app:main:long");
    assert.equal(decodeProtectedHeader(await sign("long")).kid, id);
    await test.server.keyring.rotate();
    assert.equal(await verified(token), "global:default:web:app:main:long");
  });
});

it("a keyring encrypts its keys once a secret is given for it, and goes on with them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "yurt-keyring-"));
  const fixed = { datacenter: "dc1", defaultPolicy: "allow", leafFailed: assert.fail } as const;
  const open = (more: Partial<ServerOptions> = {}) =>
    Server.start(
      new SqliteStore(join(folder, "state.db"), { durable: false }),
      { ...fixed, ...more },
      silentLog,
    );
  const sealed = ({ keyring }: Server) => keyring.keys.map(({ PrivateKey }) => PrivateKey.split(":")[0]);
  const first = await open();
  const { id } = await first.keyring.signing(0);
  assert.match(sealed(first)[0] ?? "", /BEGIN PRIVATE KEY/);
  await first.close();
  const second = await open({ vault: sealingVault(Buffer.from("a secret of some length")) });
  assert.deepEqual(sealed(second), ["sealed-1"]);
  assert.equal((await second.keyring.signing(0)).id, id);
  await second.close();
  await assert.rejects(open(), /encrypted: name the file with their key by -encrypt-key-file/);
  rmSync(folder, { recursive: true });
});
