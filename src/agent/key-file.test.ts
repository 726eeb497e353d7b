import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openVault } from "#mesh/ca/key-vault.ts";
import { keyVault } from "./key-file.ts";

describe("-encrypt-key-file", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "yurt-key-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const file = (text: string, mode = 0o600) => {
    const path = join(folder, "key");
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it("is the same secret with and without a line's end", () => {
    const sealed = keyVault(file("a secret of some length")).seal("root", "KEY");
    assert.equal(keyVault(file("a secret of some length\n")).open("root", sealed), "KEY");
  });

  it("says what is wrong with the file, and what to do", () => {
    assert.throws(
      () => keyVault(join(folder, "none")),
      /none, named by -encrypt-key-file, cannot be read: ENOENT/,
    );
    assert.throws(() => keyVault(file("short")), /at least 16\. Make one with: openssl/);
    assert.throws(() => keyVault(file("a secret of some length", 0o644)), /chmod 600/);
  });

  it("may be left out: keys are then kept as they are", () => {
    assert.equal(keyVault(undefined), openVault);
  });
});
