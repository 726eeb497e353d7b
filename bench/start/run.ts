/**
 * `make bench-start`: from `job run` of two services to the first good request through both proxies, in its parts,
 * beside the floor: an Envoy that is started by hand with a configuration of its own, until it is ready. Then what the
 * agent takes at rest with both services running, and how long a command takes. RUNS=n in the environment sets how
 * often each is measured.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { table } from "../../src/cli/table.ts";
import type { AllocationDetail, AllocationView } from "../../src/cli/views.ts";
import { findEnvoy } from "../../src/model/envoy-binary.ts";
import { run, startAgent, type TestAgent } from "../../test/e2e/support/yurt.ts";
import { cpuOf, memoryOf } from "../support/process.ts";
import { writeResults } from "../support/results.ts";
import { shown, spread } from "../support/statistics.ts";

const RUNS = Number(process.env["RUNS"] ?? 7);
const JOB = join(import.meta.dirname, "two-services.nomad.hcl");

/** Milliseconds from the start of `job run`, in the order in which they happen. */
interface Marks {
  readonly "submitted (command started, file parsed)": number;
  readonly placed: number;
  readonly "Envoys started (namespaces, folders)": number;
  readonly "Envoys configured and listening, tasks started": number;
  readonly "the calling task runs": number;
  readonly "first answer": number;
}

/** What the agent of the two services takes while nothing happens, and a command that asks it. */
interface Rest {
  /** MB. */
  readonly memory: number;
  /** Percent of a core. */
  readonly processor: number;
  /** Milliseconds of wall time, each. */
  readonly status: readonly number[];
}

/** Milliseconds between questions: what is asked for is in events and logs, and to ask takes processor time from the start. */
const PAUSE = 200;

/** Milliseconds that the agent is left alone, to give back what its work has left, and while it is looked at. */
const [CALM, LOOK] = [12_000, 10_000] as const;

const floors: number[] = [];
const marks: Marks[] = [];
const agent = await startAgent();
try {
  for (let i = 0; i < RUNS; i++) {
    floors.push(await envoyByHand());
    marks.push(await firstRequest(agent));
    process.stderr.write(
      `run ${i + 1} of ${RUNS}: first answer after ${marks.at(-1)?.["first answer"].toFixed(0)} ms, floor ${floors.at(-1)?.toFixed(0)} ms\n`,
    );
  }
} finally {
  await agent[Symbol.asyncDispose]();
}
report(await atRest());

async function firstRequest(agent: TestAgent): Promise<Marks> {
  const begin = Date.now();
  const { code, stderr } = await run(["job", "run", "-detach", JOB], { NOMAD_ADDR: agent.api });
  if (code !== 0) throw new Error(stderr);
  const [api, web] = [await running(agent, "api"), await running(agent, "web")];
  const [, begun, answered] = await answer(agent, web);
  const evaluation = await agent.get<{ CreateTime: number }>(`/v1/evaluation/${web.EvalID}`);
  const started = (allocation: AllocationDetail, isProxy: boolean) =>
    Object.entries(allocation.TaskStates)
      .filter(([name]) => name.startsWith("connect-proxy-") === isProxy)
      .map(([, { Events }]) => (Events.find(({ Type }) => Type === "Started")?.Time ?? 0) / 1e6);
  await agent.must("job", "stop", "-purge", "two-services");
  await ended(agent, [api, web]);
  return {
    "submitted (command started, file parsed)": evaluation.CreateTime / 1e6 - begin,
    placed: web.CreateTime / 1e6 - begin,
    "Envoys started (namespaces, folders)": Math.max(...started(web, true), ...started(api, true)) - begin,
    "Envoys configured and listening, tasks started":
      Math.max(...started(web, false), ...started(api, false)) - begin,
    "the calling task runs": (begun ?? 0) - begin,
    "first answer": (answered ?? 0) - begin,
  };
}

async function running(agent: TestAgent, group: string): Promise<AllocationDetail> {
  for (;;) {
    const all = await agent.get<AllocationView[]>("/v1/job/two-services/allocations");
    const found = all.find(
      ({ TaskGroup, ClientStatus, DesiredStatus }) =>
        TaskGroup === group && ClientStatus === "running" && DesiredStatus === "run",
    );
    const states = Object.values(found?.TaskStates ?? {});
    if (found && states.length === 2 && states.every(({ State }) => State === "running")) {
      return agent.get<AllocationDetail>(`/v1/allocation/${found.ID}`);
    }
    await pause(PAUSE);
  }
}

/** What the calling task wrote: how many times it was refused, when it began and when it was answered. */
async function answer(
  agent: TestAgent,
  { ID }: AllocationDetail,
): Promise<[refused: number, begun: number, answered: number]> {
  for (;;) {
    const text = await (
      await fetch(`${agent.api}/v1/client/fs/logs/${ID}?task=client&type=stdout&plain=true`)
    ).text();
    const [, begun, answered, refused] = /begun (\S+) answered (\S+) refused (\d+)/.exec(text) ?? [];
    if (answered !== undefined) return [Number(refused), Number(begun), Number(answered)];
    await pause(PAUSE);
  }
}

async function ended(agent: TestAgent, allocations: readonly AllocationDetail[]): Promise<void> {
  for (const { ID } of allocations) {
    while ((await agent.get<AllocationView>(`/v1/allocation/${ID}`)).ClientStatus !== "complete")
      await pause(PAUSE);
  }
}

/** Milliseconds from the start of an Envoy with a static configuration until its admin interface says that it is ready. */
async function envoyByHand(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "yurt-floor-"));
  const admin = 19_900;
  const config = {
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: admin } } },
    static_resources: { clusters: [], listeners: [] },
  };
  writeFileSync(join(folder, "envoy.json"), JSON.stringify(config));
  const begin = performance.now();
  const words = [
    "-c",
    join(folder, "envoy.json"),
    "-l",
    "error",
    "--concurrency",
    "1",
    "--disable-hot-restart",
  ];
  const envoy = spawn(findEnvoy(undefined) ?? "envoy", words, { stdio: "ignore" });
  while (!(await isReady(admin))) await pause(1);
  const time = performance.now() - begin;
  envoy.kill();
  await once(envoy, "exit");
  rmSync(folder, { recursive: true });
  return time;
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    request({ host: "127.0.0.1", port, path: "/ready", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on("error", () => resolve(false))
      .end();
  });
}

async function atRest(): Promise<Rest> {
  await using agent = await startAgent({ dev: true });
  await agent.must("job", "run", JOB);
  await pause(CALM);
  const before = cpuOf(agent.pid);
  await pause(LOOK);
  const processor = ((cpuOf(agent.pid) - before) / LOOK) * 100;
  const memory = memoryOf(agent.pid) / 1e6;
  const status: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const begin = performance.now();
    await agent.must("job", "status");
    status.push(performance.now() - begin);
  }
  return { memory, processor, status };
}

function report({ memory, processor, status }: Rest): void {
  const floor = spread(floors);
  const names = Object.keys(marks[0] ?? {}) as (keyof Marks)[];
  const rows = names.map((name, i) => {
    const previous = names[i - 1];
    const steps = marks.map((mark) => mark[name] - (previous === undefined ? 0 : mark[previous]));
    return [name, shown(spread(marks.map((mark) => mark[name]))), shown(spread(steps))];
  });
  const total = spread(marks.map((mark) => mark["first answer"]));
  const aim = 1.5 * floor.median + 200;
  const verdict = (isMet: boolean) => (isMet ? "met" : "missed");
  const resting = [
    ["memory of the agent, MB", memory.toFixed(0), "< 150", verdict(memory < 150)],
    ["processor of the agent, % of a core", processor.toFixed(2), "< 1", verdict(processor < 1)],
    ["`job status`, ms", shown(spread(status)), "< 90", verdict(spread(status).median < 90)],
  ];
  writeResults("start", {
    text: [
      ...table(["Milliseconds, median (least to greatest)", "since the start", "this step"], rows),
      "",
      `An Envoy by hand until ready: ${shown(floor)} ms`,
      `First answer: ${(total.median / floor.median).toFixed(2)} times that; aim 1.5 times and 200 ms, ${aim.toFixed(0)} ms: ${verdict(total.median <= aim)}`,
      "",
      ...table(["At rest, with the two services running", "measured", "aim", ""], resting),
    ].join("\n"),
    data: { floors, marks, rest: { memory, processor, status } },
  });
}
