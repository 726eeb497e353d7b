import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { SqliteStore } from "./sqlite.ts";
import { type ChangeSet, CompactedError, type Store, type Transaction } from "./store.ts";

const engines: Record<string, (folder: string) => Store> = {
  sqlite: (folder) => new SqliteStore(join(folder, "state.db")),
};

const put = (key: string, value: string, modRevision?: number): Transaction => ({
  compare: modRevision === undefined ? [] : [{ key, modRevision }],
  put: [{ key, value }],
  delete: [],
});

for (const [name, open] of Object.entries(engines)) {
  describe(`store on ${name}`, () => {
    let folder: string;
    let store: Store;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "yurt-store-"));
      store = open(folder);
    });
    after(async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    });

    it("gives each commit the next revision and each entry its own two", async () => {
      const first = await store.commit(put("a/1", "one"));
      const second = await store.commit(put("a/1", "uno"));
      assert.ok(first.committed && second.committed);
      assert.equal(second.revision, first.revision + 1);
      const { entries } = await store.range("a/");
      assert.deepEqual(entries, [
        { key: "a/1", value: "uno", createRevision: first.revision, modRevision: second.revision },
      ]);
    });

    it("writes nothing when a compared key has changed or must be absent and is not", async () => {
      const created = await store.commit(put("b/1", "one", 0));
      assert.ok(created.committed);
      assert.deepEqual(await store.commit(put("b/1", "two", 0)), { committed: false });
      assert.deepEqual(await store.commit(put("b/1", "two", created.revision + 1)), { committed: false });
      assert.equal((await store.range("b/")).entries[0]?.value, "one");
      assert.ok((await store.commit(put("b/1", "two", created.revision))).committed);
    });

    it("lets commits that are made at the same time see those before them", async () => {
      const [first, taken, other] = await Promise.all([
        store.commit(put("f/1", "one", 0)),
        store.commit(put("f/1", "two", 0)),
        store.commit(put("f/2", "other", 0)),
      ]);
      assert.ok(first.committed && other.committed);
      assert.deepEqual([taken, other.revision], [{ committed: false }, first.revision + 1]);
      const again = store.commit(put("f/1", "three", first.revision));
      const { revision, entries } = await store.range("f/");
      assert.deepEqual([await again, entries[0]?.value], [{ committed: true, revision }, "three"]);
    });

    it("ranges by prefix in key order", async () => {
      for (const key of ["c/2", "c/1", "c/10", "cc", "b2"]) await store.commit(put(key, key));
      assert.deepEqual(
        (await store.range("c/")).entries.map((entry) => entry.key),
        ["c/1", "c/10", "c/2"],
      );
    });

    it("hands a watcher every change set after its revision, also those before it began", async () => {
      const { revision } = await store.range("");
      await store.commit(put("d/1", "early"));
      const stop = new AbortController();
      const seen: ChangeSet[] = [];
      const watching = (async () => {
        for await (const changeSet of store.watch(revision, stop.signal)) {
          seen.push(changeSet);
          if (seen.length === 3) stop.abort();
        }
      })();
      await store.commit({ compare: [], put: [{ key: "d/2", value: "x" }], delete: ["d/1", "d/absent"] });
      await store.commit(put("d/3", "last"));
      await watching;
      assert.deepEqual(
        seen.map((set) =>
          set.changes.map((change) => (change.kind === "put" ? change.entry.key : `-${change.key}`)),
        ),
        [["d/1"], ["-d/1", "d/2"], ["d/3"]],
      );
    });

    it("says so when the changes since a revision are no longer kept", async () => {
      const { revision } = await store.range("");
      for (let i = 0; i < 9000; i++) await store.commit(put("e", String(i)));
      await assert.rejects(async () => {
        for await (const _ of store.watch(revision, new AbortController().signal)) break;
      }, CompactedError);
    });
  });
}

describe("sqlite store", () => {
  it("keeps its state and revision over a restart, in a file that only its owner can read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yurt-store-"));
    const path = join(folder, "deep", "state.db");
    const first = new SqliteStore(path);
    await first.commit(put("a", "1"));
    await first.commit(put("b", "2"));
    await first.close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const second = new SqliteStore(path);
    const snapshot = await second.range("");
    assert.deepEqual([snapshot.revision, snapshot.entries.map((entry) => entry.key)], [2, ["a", "b"]]);
    await second.close();
    rmSync(folder, { recursive: true });
  });

  it("replayed change sets give the same entries as a range, whatever was committed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yurt-store-"));
    const key = fc.constantFrom("a", "b", "c", "d");
    const commits = fc.array(fc.record({ puts: fc.array(key), deletes: fc.array(key) }), { maxLength: 12 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(commits, async (transactions) => {
        const store = new SqliteStore(join(folder, `${run++}.db`), { durable: false });
        for (const { puts, deletes } of transactions) {
          await store.commit({
            compare: [],
            put: [...new Set(puts)].map((name) => ({ key: name, value: name })),
            delete: [...new Set(deletes)].filter((name) => !puts.includes(name)),
          });
        }
        const replayed = new Map<string, number>();
        const stop = new AbortController();
        if (transactions.length === 0) return;
        for await (const { revision, changes } of store.watch(0, stop.signal)) {
          for (const change of changes) {
            if (change.kind === "put") replayed.set(change.entry.key, revision);
            else replayed.delete(change.key);
          }
          if (revision === transactions.length) break;
        }
        const { entries } = await store.range("");
        assert.deepEqual(
          [...replayed].sort(),
          entries.map((entry) => [entry.key, entry.modRevision]),
        );
        await store.close();
      }),
      { numRuns: 40 },
    );
    rmSync(folder, { recursive: true });
  });
});
