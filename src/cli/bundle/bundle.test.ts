import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

/** In a checkout of its own, whose sources are changed. */
describe("bundles of commands", () => {
  const original = join(import.meta.dirname, "../../..");
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), "yurt-bundles-"));
    for (const part of ["bin", "src", "scripts", "package.json"])
      cpSync(join(original, part), join(root, part), { recursive: true });
    mkdirSync(join(root, ".setup"));
    for (const part of ["node_modules", ".setup/protos"]) symlinkSync(join(original, part), join(root, part));
    makeBundles();
  });
  after(() => rmSync(root, { recursive: true }));

  const yurt = (...words: readonly string[]) =>
    execFileSync(join(root, "bin/yurt"), words, { encoding: "utf8" }).trim();
  const makeBundles = () => execFileSync(process.execPath, [join(root, "scripts/bundle-commands.ts"), root]);
  const bundleOf = (name: string) => join(root, ".setup/commands", name);
  const change = (path: string, from: string, to: string) => {
    const text = readFileSync(path, "utf8");
    assert.ok(text.includes(from));
    writeFileSync(path, text.replace(from, to));
  };
  /** What the bundle of `version` says differs from what its sources say. */
  const mark = () => change(bundleOf("version.cjs"), "Yurt v", "Bundled v");

  it("are what runs while no source has changed", () => {
    mark();
    assert.match(yurt("version"), /^Bundled v/);
  });

  it("are not used when a source that they are made of has changed, and are made anew by set-up", () => {
    change(join(root, "src/cli/version.ts"), ".version", '.version + "-changed"');
    assert.match(yurt("version"), /^Yurt v.*-changed$/);
    makeBundles();
    assert.match(yurt("version"), /^Yurt v.*-changed$/);
    mark();
    assert.match(yurt("version"), /^Bundled v.*-changed$/);
  });

  it("are not used when a source is merely newer, or gone", () => {
    utimesSync(join(root, "src/cli/terminal.ts"), new Date(), new Date());
    assert.match(yurt("version"), /^Yurt v/);
    makeBundles();
    mark();
    rmSync(join(root, "package.json"));
    assert.throws(() => yurt("version"), /package\.json/);
    cpSync(join(original, "package.json"), join(root, "package.json"));
  });

  it("are used when what a command does not need has changed", () => {
    makeBundles();
    mark();
    appendFileSync(join(root, "src/jobspec/parse-job.ts"), "\n");
    assert.match(yurt("version"), /^Bundled v/);
  });

  it("leave a command right when nothing of them is compiled, or there are none", () => {
    makeBundles();
    truncateSync(bundleOf("version.compiled"), 1000);
    assert.match(yurt("version"), /^Yurt v/);
    rmSync(bundleOf("version.compiled"));
    assert.match(yurt("version"), /^Yurt v/);
    rmSync(bundleOf(""), { recursive: true });
    assert.match(yurt("version"), /^Yurt v/);
    makeBundles();
  });

  it("are passed by for the traces of faults, which name the sources", () => {
    mark();
    const env = { ...process.env, YURT_TRACE: "1" };
    assert.match(execFileSync(join(root, "bin/yurt"), ["version"], { encoding: "utf8", env }), /^Yurt v/);
  });
});
