/**
 * Keeps what V8 compiles of the bundles in a folder while those commands run that are called most often, against a
 * server that answers as an agent would: `node scripts/compile-commands.ts FOLDER`.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ENDINGS, openBundle } from "#cli/bundle/bundle.ts";

const [folder = ""] = process.argv.slice(2);
const example = join(import.meta.dirname, "../src/cli/job-examples/connect.nomad.hcl");
const jobs = [{ ID: "example", Type: "service", Priority: 50, Status: "running", SubmitTime: 0 }];

const server = createServer(({ method }, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(method === "GET" ? jobs : { EvalID: "example", Warnings: "" }));
}).listen(0, "127.0.0.1");
await once(server, "listening");
process.env["NOMAD_ADDR"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
for (const [name, words] of Object.entries({
  version: ["version"],
  "job-validate": ["job", "validate", example],
  "job-run": ["job", "run", "-detach", example],
  "job-status": ["job", "status"],
})) {
  const { run, script } = openBundle(folder, name);
  await run(words);
  writeFileSync(join(folder, name + ENDINGS.compiled), script.createCachedData());
}
process.exit();
