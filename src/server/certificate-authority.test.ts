import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { sealingVault } from "#mesh/ca/key-vault.ts";
import { rootKeys, roots } from "#mesh/tables.ts";
import { readCaConfiguration } from "#model/ca-configuration.ts";
import { silentLog } from "#model/log.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { externalAuthority } from "../../test/support/external-authority.ts";
import { until } from "../../test/support/wait.ts";
import { Server, type ServerOptions } from "./server.ts";

const HOUR = 3_600_000;

describe("certificate authority of a server", () => {
  let folder: string;
  let server: Server;
  const start = async (options: Partial<ServerOptions> = {}) => {
    const store = new SqliteStore(join(folder, "server", "state.db"), { durable: false });
    const fixed = { datacenter: "dc1", defaultPolicy: "allow" as const, leafFailed: assert.fail };
    return Server.start(store, { ...fixed, ...options }, silentLog);
  };
  const restart = async (options: Partial<ServerOptions> = {}) => {
    await server.close();
    server = await start(options);
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-authority-"));
    server = await start({ vault });
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const vault = sealingVault(Buffer.from("a secret of some length"));
  const configure = (Config: object, more: object = {}) => {
    const { configuration, problems } = readCaConfiguration({ Config, ...more });
    if (configuration === null) throw new Error(JSON.stringify(problems));
    return server.authority.configure(configuration);
  };
  const ids = () => server.state.all(roots).map(({ ID }) => ID);
  const active = () => server.state.find(roots, "active", "yes")[0];

  it("keeps its keys in files that only their owner can read, and encrypted", async () => {
    await server.authority.rotate();
    const database = join(folder, "server");
    for (const name of readdirSync(database)) {
      assert.equal(statSync(join(database, name)).mode & 0o077, 0, name);
      assert.ok(!readFileSync(join(database, name)).includes("PRIVATE KEY"), name);
    }
  });

  it("starts with the secret that its keys were encrypted with, and with no other", async () => {
    const before = ids();
    await restart({ vault });
    assert.deepEqual(ids(), before);
    await server.close();
    await assert.rejects(start(), /encrypted: name the file/);
    await assert.rejects(start({ vault: sealingVault(Buffer.from("another secret")) }), /another key/);
    server = await start({ vault });
  });

  it("encrypts keys that were stored before it was given a secret", async () => {
    rmSync(folder, { recursive: true });
    await server.close();
    server = await start();
    const stored = () => server.state.get(rootKeys, active()?.ID ?? "")?.PrivateKey ?? "";
    assert.match(stored(), /PRIVATE KEY/);
    const before = ids();
    await restart({ vault });
    assert.doesNotMatch(stored(), /PRIVATE KEY/);
    assert.deepEqual(ids(), before);
  });

  it("keeps its root while what is asked for is what there is", async () => {
    const before = ids();
    await configure({});
    await configure({ LeafCertTTL: "24h" });
    assert.deepEqual(ids(), before);
    assert.equal(server.authority.configuration.Config.LeafCertTTL, 24 * HOUR * 1e6);
  });

  it("keeps the old root for as long as its leaves may be valid", async () => {
    const before = active()?.ID;
    const begun = Date.now();
    await configure({ PrivateKeyType: "rsa" });
    const old = server.state.get(roots, before ?? "");
    assert.deepEqual([ids().length, old?.Active, active()?.PrivateKeyBits], [2, false, 2048]);
    assert.ok((old?.RetiresAt ?? 0) >= begun + 72 * HOUR);
  });

  it("forgets the old root, and its key, when they are over, also when it was not running then", async () => {
    await restart({ vault, leafLifetime: 100 });
    const before = active()?.ID ?? "";
    await server.authority.rotate();
    await restart({ vault });
    await until("the old root is gone", () => ids().length === 1);
    assert.equal(server.state.get(rootKeys, before), undefined);
    assert.deepEqual(active()?.IntermediateCerts, []);
  });

  it("has a root that is nearly over followed by another, by itself", async () => {
    const before = active();
    if (before === undefined) throw new Error("there is no root");
    const { CreateIndex: _, ModifyIndex: __, ...root } = before;
    const DAY = 24 * HOUR;
    await server.state.transact((tx) =>
      tx.put(roots, root.ID, { ...root, NotBefore: Date.now() - 300 * DAY, NotAfter: Date.now() + 20 * DAY }),
    );
    await until("another root signs", () => active()?.ID !== root.ID);
    assert.deepEqual([ids().length, active()?.PrivateKeyBits], [2, 256]);
    assert.equal(active()?.IntermediateCerts.length, 1, "the old one vouches for it");
    await until(
      "the old one waits for its leaves",
      () => (server.state.get(roots, root.ID)?.RetiresAt ?? 0) > 0,
    );
  });

  it("takes an authority from elsewhere, shows no key of it, and takes back what it shows", async () => {
    const algorithm = { type: "ec", bits: 256 } as const;
    const given = await externalAuthority(server.mesh.trustDomain(), { root: algorithm, signing: algorithm });
    await configure(given);
    assert.equal(active()?.External, true);
    const { Config } = server.authority.configuration;
    assert.equal(Config.PrivateKey, "");
    const before = active()?.ID;
    await configure({ ...Config });
    await configure(given);
    assert.equal(active()?.ID, before);
    await assert.rejects(configure({ RootCert: "another" }), /needs the private key/);
  });

  it("signs its own root with a key that it is given alone", async () => {
    const algorithm = { type: "rsa", bits: 2048 } as const;
    const { PrivateKey } = await externalAuthority(server.mesh.trustDomain(), {
      root: algorithm,
      signing: algorithm,
    });
    await configure({ PrivateKey });
    assert.deepEqual([active()?.External, active()?.PrivateKeyType], [false, "rsa"]);
  });

  it("does without the old root's word where it is told to", async () => {
    await configure({ PrivateKeyBits: 384 }, { ForceWithoutCrossSigning: true });
    assert.deepEqual(active()?.IntermediateCerts, []);
    assert.equal(server.authority.configuration.ForceWithoutCrossSigning, false);
  });

  it("refuses lifetimes of leaves that are too short or too long", async () => {
    await assert.rejects(
      configure({ LeafCertTTL: "59m" }),
      /LeafCertTTL: expected 1h to 8760h, but found 59m/,
    );
    await assert.rejects(configure({ LeafCertTTL: "8761h" }), /LeafCertTTL/);
  });
});
