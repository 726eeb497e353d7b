import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { packingOf, unpack } from "./unpack.ts";

describe("what a program of the host unpacks", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "yurt-unpack-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const text = "a line\n".repeat(100_000);
  beforeEach(() => {
    writeFileSync(join(folder, "text"), text);
    execFileSync("tar", ["-C", folder, "-cJf", join(folder, "packed.tar.xz"), "text"]);
    execFileSync("sh", ["-c", 'xz -c "$0" >"$0.xz"', join(folder, "text")]);
  });

  const unpacked = async (name: string) => {
    const target = join(folder, "unpacked");
    await unpack(join(folder, name), packingOf(name, null), target);
    return readFileSync(join(target, "text"), "utf8");
  };

  it("is an archive or a single file", async () => {
    assert.equal(await unpacked("packed.tar.xz"), text);
    assert.equal(await unpacked("text.xz"), text);
  });

  it("is refused where it is cut off", async () => {
    for (const name of ["packed.tar.xz", "text.xz"]) {
      truncateSync(join(folder, name), 100);
      await assert.rejects(unpacked(name), new Error("xz cannot read it"));
    }
  });

  it("waits for the program to be installed, and says by which package", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
      for (const name of ["packed.tar.xz", "text.xz"])
        await assert.rejects(
          unpacked(name),
          /the program xz is not installed: install the package xz-utils$/,
        );
    } finally {
      process.env["PATH"] = path;
    }
  });
});
