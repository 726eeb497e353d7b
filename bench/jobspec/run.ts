/**
 * `make bench-jobspec`: how fast job files are read and completed. In this process by itself, through the agent's
 * /v1/jobs/parse beside Nomad's where NOMAD_BIN names a binary, and as `job validate` with the start of the command.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseJobFile } from "#jobspec/parse-job.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import { table } from "../../src/cli/table.ts";
import { writeResults } from "../support/results.ts";
import { shown, spread } from "../support/statistics.ts";
import { large, typical } from "./files.ts";
import { parseTimes } from "./parse-api.ts";
import { nomadServer, type ParsingServer, yurtServer } from "./servers.ts";

const rounds = Number(process.env["ROUNDS"] ?? 7);
const files = [
  { name: `${lines(typical)} lines`, text: typical, each: 1000, overHttp: 300 },
  { name: `${lines(large)} lines`, text: large, each: 10, overHttp: 10 },
];

const rows: string[][] = [];
inProcess();
await overHttp(yurtServer);
const binary = process.env["NOMAD_BIN"];
if (binary !== undefined) await overHttp(() => nomadServer(binary));
validate();
writeResults("jobspec", {
  text: table(["", "job", "milliseconds each", "a second"], rows).join("\n"),
  data: rows,
});
if (binary === undefined) console.log("\nNOMAD_BIN=<path> measures Nomad's parser beside it.");

function inProcess(): void {
  for (const { name, text, each } of files) {
    read(text, each);
    note(
      "parsed in the process",
      name,
      Array.from({ length: rounds }, () => read(text, each)),
    );
  }
}

/** Milliseconds for each of so many. */
function read(source: string, times: number): number {
  const begin = performance.now();
  for (let index = 0; index < times; index++) {
    const { job } = parseJobFile({ source, filename: "bench.nomad.hcl" });
    if (job === null) throw new Error("the job is not read");
    canonicalize(job);
  }
  return (performance.now() - begin) / times;
}

async function overHttp(start: () => Promise<ParsingServer>): Promise<void> {
  await using server = await start();
  for (const { name, text, overHttp: times } of files) {
    await parseTimes(server.address, text, times);
    note(`${server.name}'s /v1/jobs/parse`, name, await parseTimes(server.address, text, times));
  }
}

function validate(): void {
  const program = fileURLToPath(new URL("../../bin/yurt", import.meta.url));
  const path = fileURLToPath(new URL("typical.nomad.hcl", import.meta.url));
  const took = Array.from({ length: rounds * 3 }, () => {
    const begin = performance.now();
    execFileSync(program, ["job", "validate", path], { stdio: "ignore" });
    return performance.now() - begin;
  });
  note("yurt job validate", files[0]?.name ?? "", took.slice(1));
}

function note(what: string, job: string, milliseconds: readonly number[]): void {
  const found = spread(milliseconds);
  rows.push([what, job, shown(found, 2), (1000 / found.median).toFixed(0)]);
}

function lines(text: string): number {
  return text.split("\n").length - 1;
}
