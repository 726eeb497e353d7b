/**
 * `make bench-scheduler`: how soon jobs are accepted, placed and run, and what that takes in memory: 200 tasks with
 * `raw_exec`, 2,000 allocations with `mock_driver`, 500 jobs through the API with 16 in flight. The same for a Nomad
 * where NOMAD_BIN names its binary, else beside the figures that one had on such a machine. And how many placements
 * a second the server makes on 5,000 nodes, up to 100,000 allocations. RUNS=n says how often each is measured,
 * ONLY=tasks,allocations,jobs,placements what of it; the results are kept when all is measured.
 */
import { setTimeout as pause } from "node:timers/promises";
import { table } from "../../src/cli/table.ts";
import { inFlight } from "../support/in-flight.ts";
import { writeResults } from "../support/results.ts";
import { type Spread, shown, spread } from "../support/statistics.ts";
import { type MeasuredAgent, memoryOfAll, startNomad, startYurt } from "./agents.ts";
import { Connection } from "./connection.ts";
import { type Placements, placements } from "./placements.ts";

const RUNS = Number(process.env["RUNS"] ?? 3);
const PARTS = ["tasks", "allocations", "jobs", "placements"];
const only = process.env["ONLY"]?.split(",") ?? PARTS;
const unknown = only.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) throw new Error(`ONLY: "${unknown}" is not one of ${PARTS.join(", ")}`);

/** Seconds and MB. */
interface Measured {
  readonly "200 raw_exec tasks: placed": number;
  readonly "200 raw_exec tasks: running": number;
  readonly "200 raw_exec tasks: resident memory, MB": number;
  readonly "200 raw_exec tasks: proportional memory, MB": number;
  readonly "2,000 mock_driver allocations: placed": number;
  readonly "2,000 mock_driver allocations: running": number;
  readonly "2,000 mock_driver allocations: resident memory, MB": number;
  readonly "500 jobs, 16 in flight: accepted a second": number;
  readonly "500 jobs, 16 in flight: all placed": number;
}

/** Nomad 2.0, dev agent, on such a machine, November 2026. */
const NOMAD: Measured = {
  "200 raw_exec tasks: placed": 0.34,
  "200 raw_exec tasks: running": 16.2,
  "200 raw_exec tasks: resident memory, MB": 5600,
  "200 raw_exec tasks: proportional memory, MB": Number.NaN,
  "2,000 mock_driver allocations: placed": 6.4,
  "2,000 mock_driver allocations: running": 12.3,
  "2,000 mock_driver allocations: resident memory, MB": 919,
  "500 jobs, 16 in flight: accepted a second": 1011,
  "500 jobs, 16 in flight: all placed": 4.8,
};

/** The least, or the most, that is wanted. */
const AIMS: Partial<Record<keyof Measured, { readonly least: number } | { readonly most: number }>> = {
  "200 raw_exec tasks: running": { most: 4 },
  "200 raw_exec tasks: proportional memory, MB": { most: 300 },
  "2,000 mock_driver allocations: placed": { most: 2 },
  "2,000 mock_driver allocations: running": { most: 4 },
  "2,000 mock_driver allocations: resident memory, MB": { most: 400 },
  "500 jobs, 16 in flight: accepted a second": { least: 1500 },
  "500 jobs, 16 in flight: all placed": { most: 2 },
};

const MEASURES = Object.keys(NOMAD) as (keyof Measured)[];

const nomad = process.env["NOMAD_BIN"];
const ours = await measureAll(startYurt);
const theirs = nomad === undefined ? null : await measureAll(() => startNomad(nomad));
const cluster = only.includes("placements") ? await placements() : null;
report();

async function measureAll(start: () => Promise<MeasuredAgent>): Promise<Map<keyof Measured, Spread>> {
  const runs: Partial<Measured>[] = [];
  for (let i = 0; i < RUNS; i++) {
    runs.push({
      ...(only.includes("tasks") ? await manyTasks(start) : {}),
      ...(only.includes("allocations") ? await manyAllocations(start) : {}),
      ...(only.includes("jobs") ? await manyJobs(start) : {}),
    });
    process.stderr.write(`run ${i + 1} of ${RUNS}: ${JSON.stringify(runs.at(-1))}\n`);
  }
  const values = (name: keyof Measured) => runs.flatMap((run) => run[name] ?? []);
  const measured = MEASURES.filter((name) => values(name).length > 0);
  return new Map(measured.map((name) => [name, spread(values(name))]));
}

async function manyTasks(start: () => Promise<MeasuredAgent>) {
  await using agent = await start();
  const config = { command: "/bin/sleep", args: ["1000"] };
  const times = await runOne(agent, job("tasks", "raw_exec", config, 200), 200);
  const { resident, proportional } = memoryOfAll(agent.pid, (command) => command.startsWith("/bin/sleep"));
  await stop(agent, "tasks");
  return {
    "200 raw_exec tasks: placed": times.placed,
    "200 raw_exec tasks: running": times.running,
    "200 raw_exec tasks: resident memory, MB": resident,
    "200 raw_exec tasks: proportional memory, MB": proportional,
  };
}

async function manyAllocations(start: () => Promise<MeasuredAgent>) {
  await using agent = await start();
  const times = await runOne(agent, job("many", "mock_driver", { run_for: "1h" }, 2000), 2000);
  const { resident } = memoryOfAll(agent.pid, () => false);
  await stop(agent, "many");
  return {
    "2,000 mock_driver allocations: placed": times.placed,
    "2,000 mock_driver allocations: running": times.running,
    "2,000 mock_driver allocations: resident memory, MB": resident,
  };
}

async function manyJobs(start: () => Promise<MeasuredAgent>) {
  await using agent = await start();
  const small = Array.from({ length: 500 }, (_, i) => job(`small-${i}`, "mock_driver", { run_for: "1h" }, 1));
  const bodies = small.map((Job) => JSON.stringify({ Job }));
  const connections = await Promise.all(Array.from({ length: 16 }, () => Connection.to(agent.api)));
  const begin = performance.now();
  const idle = [...connections];
  await inFlight(connections.length, bodies, async (body) => {
    const connection = idle.pop();
    if (connection === undefined) throw new Error("more in flight than there are connections");
    await connection.put("/v1/jobs", body);
    idle.push(connection);
  });
  const accepted = performance.now() - begin;
  while ((await read<unknown[]>(agent, "/v1/allocations")).length < 500) await pause(20);
  const placed = performance.now() - begin;
  for (const each of connections) each[Symbol.dispose]();
  return {
    "500 jobs, 16 in flight: accepted a second": 500_000 / accepted,
    "500 jobs, 16 in flight: all placed": placed / 1000,
  };
}

function job(ID: string, Driver: string, Config: object, Count: number): object {
  return {
    ...{ ID, Name: ID, Type: "service", Datacenters: ["*"] },
    Update: { MaxParallel: 0 },
    TaskGroups: [
      {
        ...{ Name: "group", Count, EphemeralDisk: { SizeMB: 10 } },
        Tasks: [
          {
            ...{ Name: "task", Driver, Config, Resources: { CPU: 1, MemoryMB: 10 } },
            LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
          },
        ],
      },
    ],
  };
}

/** Seconds from the submission of a job until all of it is placed, and until all of it runs. */
async function runOne(agent: MeasuredAgent, wanted: object & { ID?: string }, count: number) {
  const begin = performance.now();
  using connection = await Connection.to(agent.api);
  await connection.put("/v1/jobs", JSON.stringify({ Job: wanted }));
  const path = `/v1/job/${wanted.ID}/summary`;
  let placed = 0;
  for (;;) {
    const { Summary } = await read<{ Summary: Record<string, Record<string, number>> }>(agent, path);
    const { Starting = 0, Running = 0, Failed = 0 } = Summary["group"] ?? {};
    const now = (performance.now() - begin) / 1000;
    if (placed === 0 && Starting + Running >= count) placed = now;
    if (Failed > 0) throw new Error(`${Failed} allocations of ${wanted.ID} have failed`);
    if (Running >= count) return { placed, running: now };
    await pause(20);
  }
}

async function read<Result>({ api }: MeasuredAgent, path: string): Promise<Result> {
  return (await (await fetch(`${api}${path}`)).json()) as Result;
}

async function stop(agent: MeasuredAgent, id: string): Promise<void> {
  await fetch(`${agent.api}/v1/job/${id}?purge=true`, { method: "DELETE" });
}

function report(): void {
  const text = [
    ...(ours.size > 0 ? ["Seconds from the submission, medians with the least and the greatest"] : []),
    ...(ours.size > 0 ? rows() : []),
    ...(cluster === null ? [] : ["", ...placed(cluster)]),
  ].join("\n");
  const isWhole = PARTS.every((part) => only.includes(part));
  const data = { ours: asObject(ours), theirs: theirs && asObject(theirs), nomad: NOMAD, cluster };
  if (isWhole) writeResults("scheduler", { text, data });
  else console.log(text);
}

function asObject(measured: ReadonlyMap<keyof Measured, Spread>): object {
  return Object.fromEntries(measured);
}

function rows(): string[] {
  const digits = (name: string) => (/memory|second/.test(name) ? 0 : 2);
  const known = (name: keyof Measured) =>
    Number.isNaN(NOMAD[name]) ? "–" : NOMAD[name].toFixed(digits(name));
  const other = theirs === null ? "Nomad 2.0 (measured before)" : "Nomad (NOMAD_BIN)";
  const lines = [...ours].map(([name, measured]) => {
    const their = theirs?.get(name);
    return [
      name,
      shown(measured, digits(name)),
      their === undefined ? known(name) : shown(their, digits(name)),
      ...judged(AIMS[name], measured.median),
    ];
  });
  return table(["", "Yurt", other, "aim", ""], lines);
}

function placed({ placed, jobs, seconds, memory }: Placements): string[] {
  return [
    `5,000 simulated nodes: ${placed.toLocaleString("en-GB")} allocations of ${jobs} jobs in ${seconds.toFixed(1)} s,`,
    `${Math.round(placed / seconds).toLocaleString("en-GB")} placements a second with everything stored; ${Math.round(memory)} MB`,
  ];
}

function judged(aim: (typeof AIMS)[keyof Measured], measured: number): [wanted: string, verdict: string] {
  if (aim === undefined) return ["–", "–"];
  const [isMet, wanted] =
    "least" in aim ? [measured >= aim.least, `≥ ${aim.least}`] : [measured <= aim.most, `≤ ${aim.most}`];
  return [wanted, isMet ? "met" : "missed"];
}
