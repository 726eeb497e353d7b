import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

const EXAMPLE = join(import.meta.dirname, "../../examples/two-meshes/run.ts");

it("two meshes on one machine become peers, and a request crosses with both identities", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [EXAMPLE]);
  for (const step of [1, 2, 3, 4]) assert.match(stdout, new RegExp(`^${step}  `, "m"));
  assert.match(stdout, /✓ the api was called by spiffe:\/\/\S+\/svc\/web/);
  assert.match(stdout, /✓ the web was answered by spiffe:\/\/\S+\/svc\/api/);
  assert.match(stdout, /✓ 403: web of the peer home/);
  assert.equal(stderr, "");
});
