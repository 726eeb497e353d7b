import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isFresh, mayHaveIntermediate } from "#mesh/ca/intermediate.ts";
import { openVault } from "#mesh/ca/key-vault.ts";
import { keyPairOf, newLeafKeyPair } from "#mesh/ca/keys.ts";
import { newLeaf } from "#mesh/ca/leaf.ts";
import { rootOf } from "#mesh/ca/root.ts";
import { datacenters } from "#mesh/datacenters/tables.ts";
import { CLUSTER_KEY, cluster, configEntries, rootKeys, roots } from "#mesh/tables.ts";
import { readCaConfiguration } from "#model/ca-configuration.ts";
import { readConfigEntry } from "#model/config-entry/config-entry.ts";
import { silentLog } from "#model/log.ts";
import type { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { externalAuthority } from "../../../test/support/external-authority.ts";
import { isTrusted } from "../../../test/support/openssl.ts";
import { deleteConfigEntry, writeConfigEntry } from "../config.ts";
import { Server } from "../server.ts";
import { joined, knownDatacenters } from "./joined.ts";
import { keepDatacenters, keepEntries } from "./listen.ts";
import { certify, primaryAuthority } from "./primary-authority.ts";
import { adoptAuthority } from "./secondary-authority.ts";
import { tellEntries } from "./tell.ts";

describe("datacenters of one mesh", () => {
  let folder: string;
  let one: Server;
  let two: Server;
  const primary = { certify: async (key: string) => certify(one.state, openVault, key) };
  const adopt = (state: State) =>
    adoptAuthority(state, openVault, "dc2", primaryAuthority(one.state, "dc1"), primary);
  const start = (name: string, found: ((state: State) => Promise<void>) | null = null) =>
    Server.start(
      new SqliteStore(join(folder, `${name}.db`), { durable: false }),
      { datacenter: name, defaultPolicy: "allow", leafFailed: assert.fail, found },
      silentLog,
    );
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-datacenters-"));
    one = await start("dc1");
    two = await start("dc2", adopt);
  });
  after(async () => {
    await two?.close();
    await one?.close();
    rmSync(folder, { recursive: true });
  });

  const activeOf = ({ state }: Server) => {
    const [root] = state.find(roots, "active", "yes");
    assert.ok(root);
    return root;
  };

  it("begin below the primary's root, with a key of their own", () => {
    const [above, below] = [activeOf(one), activeOf(two)];
    assert.equal(below.RootCert, above.RootCert);
    const signing = new X509Certificate(below.SigningCert);
    assert.ok(signing.ca && signing.verify(new X509Certificate(above.RootCert).publicKey));
    assert.deepEqual(below.IntermediateCerts, [below.SigningCert]);
    const [first, second] = [one, two].map(({ state }) => state.get(rootKeys, above.ID)?.PrivateKey);
    assert.notEqual(first, second);
    assert.equal(two.state.get(cluster, CLUSTER_KEY)?.Primary, "dc1");
  });

  it("keep key and certificate for as long as they are fresh", async () => {
    const { SigningCert, ID } = activeOf(two);
    await adopt(two.state);
    assert.equal(activeOf(two).SigningCert, SigningCert);
    const key = two.state.get(rootKeys, ID)?.PrivateKey ?? "";
    const { validFrom, validTo } = new X509Certificate(SigningCert);
    const half = (Date.parse(validFrom) + Date.parse(validTo)) / 2;
    assert.deepEqual([isFresh(SigningCert, key, half - 1), isFresh(SigningCert, key, half)], [true, false]);
    assert.equal(isFresh(SigningCert, one.state.get(rootKeys, ID)?.PrivateKey ?? "", Date.now()), false);
  });

  it("follow the primary to its next root, and trust the old one for as long", async () => {
    const before = activeOf(two);
    await one.authority.rotate(before.ID);
    await adopt(two.state);
    const now = activeOf(two);
    assert.notEqual(now.ID, before.ID);
    assert.deepEqual(
      two.state
        .all(roots)
        .map(({ ID }) => ID)
        .sort(),
      one.state
        .all(roots)
        .map(({ ID }) => ID)
        .sort(),
    );
    assert.equal(two.state.get(roots, before.ID)?.SigningCert, before.SigningCert);
    assert.equal(now.IntermediateCerts[0], now.SigningCert);
    assert.equal(now.IntermediateCerts.length, 2, "the old root vouches for the new one");
  });

  it("give out leaves that are trusted by whoever knows one of the primary's roots alone", async () => {
    const leafOf = async () => {
      const root = activeOf(two);
      const { privateKey } = keyPairOf(two.state.get(rootKeys, root.ID)?.PrivateKey ?? "");
      const identity = { trustDomain: two.mesh.trustDomain(), datacenter: "dc2", service: "web" };
      return newLeaf({ root, privateKey }, identity, await newLeafKeyPair(), 3_600_000, Date.now())
        .certificate;
    };
    const [first, second] = [await leafOf(), one.state.all(roots)];
    for (const { RootCert } of second) assert.ok(isTrusted(RootCert, first));
    const signing = { type: "ec", bits: 384 } as const;
    const external = await externalAuthority(one.mesh.trustDomain(), {
      root: { type: "rsa", bits: 2048 },
      signing,
    });
    const { configuration } = readCaConfiguration({ Config: external });
    assert.ok(configuration);
    await one.authority.configure(configuration);
    await adopt(two.state);
    const leaf = await leafOf();
    for (const { RootCert } of one.state.all(roots)) assert.ok(isTrusted(RootCert, leaf));
  });

  it("are refused by an authority that lets none stand below it", () => {
    const folder = mkdtempSync(join(tmpdir(), "yurt-path-length-"));
    const make = (name: string, ...words: readonly string[]) => {
      const file = join(folder, name);
      const key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        `${file}.key`,
      ];
      execFileSync("openssl", ["req", "-x509", ...key, "-subj", `/CN=${name}`, "-out", file, ...words], {
        stdio: "ignore",
      });
      return readFileSync(file, "utf8");
    };
    try {
      const may = (length: string) => {
        const RootCert = make("root", "-addext", `basicConstraints=critical,CA:true${length}`);
        return mayHaveIntermediate(rootOf([RootCert], { name: "root", external: true }));
      };
      assert.deepEqual([may(""), may(",pathlen:1"), may(",pathlen:0")], [true, true, false]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("hold the primary's entries, and no others", async () => {
    const write = async (state: State, name: string, Protocol: string) => {
      const { entry } = readConfigEntry({ Kind: "service-defaults", Name: name, Protocol });
      assert.ok(entry);
      await writeConfigEntry(state, entry);
    };
    await write(one.state, "web", "http");
    await write(two.state, "stray", "http");
    const stop = new AbortController();
    const telling = tellEntries(one.state, stop.signal)[Symbol.asyncIterator]();
    const hear = async () => {
      const { value } = await telling.next();
      await keepEntries(two.state, value);
      return value;
    };
    const names = () => two.state.all(configEntries).map(({ Name }) => Name);
    assert.equal((await hear()).whole, true);
    assert.deepEqual(names(), ["web"]);
    await write(one.state, "api", "tcp");
    assert.deepEqual((await hear()).put.length, 1);
    assert.deepEqual(names().sort(), ["api", "web"]);
    await deleteConfigEntry(one.state, "service-defaults", "web");
    await hear();
    assert.equal(two.state.get(configEntries, keyOf("service-defaults", "web")), undefined);
    stop.abort();
    assert.equal((await telling.next()).done, true);
  });

  it("take in only who can be one of them", async () => {
    const trustDomain = one.mesh.trustDomain();
    const own = { name: "dc1", primary: "dc1" };
    const who = (Name: string, changes: object = {}) => ({
      ...{ datacenter: { Name, Addresses: ["10.2.0.1:8302"] }, primary: "dc1", trustDomain },
      ...changes,
    });
    await assert.rejects(joined(one.state, own, who("dc1")), /called dc1 is there already.*-datacenter/);
    await assert.rejects(joined(one.state, own, who("dc3", { primary: "dc3" })), /-primary-datacenter/);
    await assert.rejects(
      joined(one.state, own, who("dc3", { trustDomain: "x.consul" })),
      /empty data folder/,
    );
    await joined(one.state, own, who("dc2"));
    assert.deepEqual(knownDatacenters(one.state, "dc1"), ["dc1", "dc2"]);
    const addressOf = (name: string) => one.state.get(datacenters, name)?.Addresses[0];
    const hear = (teller: string, ...told: readonly string[]) =>
      keepDatacenters(
        one.state,
        { own: "dc1", teller },
        { put: told.map((name) => [name, { Name: name, Addresses: [`from ${teller}`] }]) },
      );
    await hear("dc3", "dc1", "dc2", "dc3");
    assert.deepEqual(["dc1", "dc2", "dc3"].map(addressOf), [undefined, "10.2.0.1:8302", "from dc3"]);
    await hear("dc2", "dc2", "dc3");
    assert.deepEqual(["dc2", "dc3"].map(addressOf), ["from dc2", "from dc3"], "each says where it is itself");
    assert.throws(() => primaryAuthority(two.state, "dc2"), /that is dc1/);
  });
});
