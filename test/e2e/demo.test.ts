import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { tracesOf } from "../support/machine.ts";
import { freePort } from "./support/yurt.ts";

const DEMO = join(import.meta.dirname, "../../examples/demo/run.ts");

it("the demo proves the four steps of a request and leaves nothing behind", async () => {
  const env = {
    ...process.env,
    NOMAD_ADDR: `http://127.0.0.1:${await freePort()}`,
    CONSUL_HTTP_ADDR: `http://127.0.0.1:${await freePort()}`,
  };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [DEMO], { env });
  for (const step of [1, 2, 3, 4]) assert.match(stdout, new RegExp(`^${step}  `, "m"));
  assert.match(stdout, /✓ 502 dashboard => api is denied/);
  assert.match(stdout, /✓ 200 the intention is gone/);
  assert.equal(stderr, "");
  assert.doesNotMatch(stdout, /WARN|ERROR/);
  const state = /State += (\S+)/.exec(stdout)?.[1];
  assert.ok(state);
  assert.deepEqual(tracesOf([state]), []);
});
