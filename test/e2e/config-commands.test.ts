import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ApiOnly, startApi } from "../support/api-only.ts";
import { run } from "./support/yurt.ts";

describe("config commands", () => {
  let api: ApiOnly;
  let folder: string;
  before(async () => {
    api = await startApi();
    folder = mkdtempSync(join(tmpdir(), "yurt-config-"));
  });
  after(async () => {
    await api[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const yurt = (words: readonly string[]) => run(["config", ...words], { CONSUL_HTTP_ADDR: api.url });
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const resolver = (timeout: string) => `
    Kind           = "service-resolver"
    Name           = "web"
    ConnectTimeout = "${timeout}"
    Subsets {
      v1 { Filter = "Service.Meta.version == v1" }
    }
  `;

  it("writes files in HCL and JSON, reads, lists and deletes", async () => {
    const written = await yurt(["write", file("web.hcl", resolver("5s"))]);
    assert.deepEqual(
      [written.code, written.stdout],
      [0, "Config entry written: service-resolver/web\n"],
      written.stderr,
    );
    const read = JSON.parse((await yurt(["read", "-kind", "service-resolver", "-name", "web"])).stdout);
    assert.equal(read.ConnectTimeout, "5s");
    const again = await yurt(["write", file("web.json", JSON.stringify({ ...read, ConnectTimeout: "7s" }))]);
    assert.equal(again.code, 0, again.stderr);
    assert.equal((await yurt(["list", "-kind", "service-resolver"])).stdout, "web\n");
    assert.equal(
      (await yurt(["list", "-kind", "service-resolver", "-filter", "Name == x"])).stdout.trim(),
      "",
    );
    assert.equal((await yurt(["delete", "-filename", join(folder, "web.hcl")])).code, 0);
    const gone = await yurt(["read", "-kind", "service-resolver", "-name", "web"]);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /Config entry not found for "service-resolver" \/ "web"/);
  });

  it("writes only over the entry that was read, where that is asked for", async () => {
    assert.equal(
      (await yurt(["write", "-cas", "-modify-index", "0", file("new.hcl", resolver("1s"))])).code,
      0,
    );
    const stale = await yurt(["write", "-cas", "-modify-index", "1", join(folder, "new.hcl")]);
    assert.equal(stale.code, 1);
    assert.match(stale.stderr, /no longer at index 1: nothing was written/);
    const { ModifyIndex } = JSON.parse(
      (await yurt(["read", "-kind", "service-resolver", "-name", "web"])).stdout,
    );
    assert.equal((await yurt(["delete", "-kind", "service-resolver", "-name", "web", "-cas"])).code, 1);
    const index = String(ModifyIndex);
    const deleted = await yurt([
      ...["delete", "-kind", "service-resolver", "-name", "web"],
      ...["-cas", "-modify-index", index],
    ]);
    assert.equal(deleted.code, 0, deleted.stderr);
  });

  it("shows the line that is wrong", async () => {
    const text = 'Kind = "service-resolver"\nName = "web"\n\nDefaultSubset = "v9"\n';
    const { code, stderr } = await yurt(["write", file("wrong.hcl", text)]);
    assert.equal(code, 1);
    assert.match(stderr, /wrong\.hcl/);
    assert.match(stderr, /DefaultSubset = "v9"/);
    assert.match(stderr, /no subset named "v9"/);
    assert.match((await yurt(["write", "/absent.hcl"])).stderr, /absent\.hcl: there is no such file/);
  });

  it("says which chain a refused entry would break", async () => {
    const splitter = 'Kind = "service-splitter"\nName = "web"\nSplits = [{ Weight = 100 }]\n';
    const { code, stderr } = await yurt(["write", file("splitter.hcl", splitter)]);
    assert.equal(code, 1);
    assert.match(stderr, /service-splitter\/web: discovery chain "web" would not compile: .*does not permit/);
  });
});
