import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openVault, SealedKeyError, sealingVault } from "./key-vault.ts";

describe("key vault", () => {
  const vault = sealingVault(Buffer.from("a secret of some length"));
  const sealed = vault.seal("root-1", "PRIVATE");
  const isRefused = (message: RegExp) => (error: unknown) =>
    error instanceof SealedKeyError && message.test(error.message);

  it("opens what it sealed, also when it is made anew, and shows nothing of it", () => {
    assert.equal(sealingVault(Buffer.from("a secret of some length")).open("root-1", sealed), "PRIVATE");
    assert.ok(!sealed.includes("PRIVATE") && !sealed.includes(Buffer.from("PRIVATE").toString("base64")));
    assert.notEqual(vault.seal("root-1", "PRIVATE"), sealed);
  });

  it("opens it with no other secret, in no other place, and not when it was changed", () => {
    assert.throws(
      () => sealingVault(Buffer.from("another")).open("root-1", sealed),
      isRefused(/another key/),
    );
    assert.throws(() => vault.open("root-2", sealed), isRefused(/another key/));
    assert.throws(() => vault.open("root-1", `${sealed.slice(0, -4)}AAAA`), isRefused(/another key/));
    assert.throws(() => vault.open("root-1", "sealed-1:AAAA"), isRefused(/damaged/));
    assert.throws(() => openVault.open("root-1", sealed), isRefused(/-encrypt-key-file/));
  });

  it("takes what was stored without it, and says that it is to be sealed", () => {
    assert.equal(vault.open("root-1", "PRIVATE"), "PRIVATE");
    assert.deepEqual([vault.keeps("PRIVATE"), vault.keeps(sealed)], [false, true]);
    assert.deepEqual([openVault.keeps("PRIVATE"), openVault.open("root-1", "PRIVATE")], [true, "PRIVATE"]);
  });
});
