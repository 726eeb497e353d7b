import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ApiOnly, startApi } from "../support/api-only.ts";
import { run } from "./support/yurt.ts";

describe("intention commands", () => {
  let api: ApiOnly;
  let folder: string;
  before(async () => {
    api = await startApi();
    folder = mkdtempSync(join(tmpdir(), "yurt-intention-"));
  });
  after(async () => {
    await api[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const intention = (...words: string[]) => run(["intention", ...words], { CONSUL_HTTP_ADDR: api.url });
  const succeeds = async (...words: string[]) => {
    const { code, stdout, stderr } = await intention(...words);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const fails = async (...words: string[]) => {
    const { code, stderr } = await intention(...words);
    assert.notEqual(code, 0);
    return stderr;
  };

  it("create says yes or no, with facts, and writes over only when told to", async () => {
    await succeeds(
      "create",
      "-deny",
      "-meta",
      "owner=team-a",
      "-meta=why=a=b",
      "-description",
      "for now",
      "web",
      "api",
    );
    const shown = await succeeds("get", "web", "api");
    assert.match(shown, /Action +=[ ]deny/);
    assert.match(shown, /Meta\[owner\] += team-a\nMeta\[why\] +=[ ]a=b/);
    assert.match(await fails("create", "web", "api"), /there already.*-replace/);
    await succeeds("create", "-replace", "-allow", "web", "api");
    assert.equal((await intention("check", "web", "api")).code, 0);
    assert.match(await fails("create", "-allow", "-deny", "a", "b"), /exclude/);
    assert.match(await fails("create", "-meta", "owner", "a", "b"), /key=value/);
    assert.match(await fails("create", "a"), /source and a destination/);
  });

  it("create -file takes whole intentions, permissions too", async () => {
    const path = join(folder, "shop.json");
    const Permissions = [{ Action: "allow", HTTP: { PathPrefix: "/cart", Methods: ["GET"] } }];
    writeFileSync(path, JSON.stringify({ SourceName: "shop", DestinationName: "api", Permissions }));
    assert.match(await succeeds("create", "-file", path), /shop => api \(by its permissions\)/);
    assert.match(
      await succeeds("get", "shop", "api"),
      /Permission 1 += allow, PathPrefix "\/cart", Methods \["GET"\]/,
    );
    const { code, stdout } = await intention("check", "shop", "api");
    assert.deepEqual([code, stdout], [2, "Denied\n"]);
    writeFileSync(path, "{");
    assert.match(await fails("create", "-file", path), /shop\.json is not JSON/);
    assert.match(await fails("create", "-file", join(folder, "none")), /cannot be read: ENOENT/);
  });

  it("list and match show them in the order in which they decide", async () => {
    await succeeds("create", "-deny", "*", "*");
    assert.match(
      await succeeds("list"),
      /^Source +Action +Destination +Precedence\nshop +1 permission +api +9\nweb +allow +api +9\n\* +deny +\* +5\n$/,
    );
    assert.match(await succeeds("match", "-source", "web"), /^Source.*\nweb .*\n\* .*\n$/);
    const found = JSON.parse(await succeeds("match", "-json", "api"));
    assert.equal(found.api.length, 3);
  });

  it("get and delete take an id of the older interface as well", async () => {
    const body = JSON.stringify({ SourceName: "cron", DestinationName: "api", Action: "deny" });
    const answer = await fetch(`${api.url}/v1/connect/intentions`, { method: "POST", body });
    const { ID } = (await answer.json()) as { ID: string };
    assert.match(await succeeds("get", ID), new RegExp(`ID += ${ID}\nSource +=[ ]cron`));
    assert.match(await succeeds("list"), new RegExp(`^ID.*\n${ID} +cron`));
    await succeeds("delete", ID);
    await succeeds("delete", "web", "api");
    assert.match(await fails("delete", "web", "api"), /not found/);
  });
});
