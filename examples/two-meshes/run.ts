/**
 * Runs two meshes on one machine, each in a network namespace of its own, makes them peers and proves a request from one
 * to the other: `make two-meshes`. With a terminal it then waits for Ctrl-C; without one it ends, with 0 only if every
 * part was so.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { styleText } from "node:util";
import { type Machine, machines } from "./machines.ts";

const YURT = join(import.meta.dirname, "../../bin/yurt");
const PATIENCE = 30_000;

interface Mesh {
  readonly machine: Machine;
  readonly agent: ChildProcess;
  readonly folder: string;
}

const CALL = `
import urllib.request, urllib.error
try:
    print(urllib.request.urlopen("http://localhost:8080/", timeout=5).read().decode(), end="")
except urllib.error.HTTPError as error:
    print(error.code, end="")
except OSError as error:
    print(error, end="")
`;

interface Entry {
  readonly Kind: string;
  readonly Name: string;
  readonly [field: string]: unknown;
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

const network = machines();
const meshes: Mesh[] = [];
try {
  await prove();
} catch (error) {
  if (!stop.signal.aborted) {
    process.exitCode = 1;
    console.error(`\n${styleText("red", "✗")} ${error instanceof Error ? error.message : String(error)}`);
  }
} finally {
  await Promise.all(meshes.map(end));
  network[Symbol.dispose]();
}

async function prove(): Promise<void> {
  title("Two meshes, each on a machine of its own: its own agent, store and certificate authority");
  const [home, cloud] = [await start("home"), await start("cloud")];
  const domains = { home: await trustDomain(home), cloud: await trustDomain(cloud) };
  for (const [name, domain] of Object.entries(domains)) say(`${name} is spiffe://${domain}`);

  title("1  The cloud runs an api, and lets home call it");
  await yurt(cloud, ["job", "run", job("api")]);
  await write(cloud, { Kind: "service-defaults", Name: "api", Protocol: "http" });
  await write(cloud, {
    ...{ Kind: "exported-services", Name: "default" },
    Services: [{ Name: "api", Consumers: [{ Peer: "home" }] }],
  });
  for (const mesh of [cloud, home]) await yurt(mesh, ["job", "run", job("gateway")]);

  title("2  A token of the cloud makes the two meshes peers");
  const token = (await yurt(cloud, ["peering", "generate-token", "-name", "home"])).trim();
  await yurt(home, ["peering", "establish", "-name", "cloud", "-peering-token", token], "…the token");
  await until("they are peers", async () =>
    /cloud +ACTIVE +1/.test(await yurt(home, ["peering", "list"], null)),
  );

  title("3  A task at home calls localhost:8080; gateways that cannot read it take it to the cloud");
  await yurt(home, ["job", "run", job("web")]);
  const seen = await until("the api answers", async () => {
    const answer = await ask(home);
    return answer.startsWith("seen ") ? answer : null;
  });
  const caller = `spiffe://${domains.home}/ns/default/dc/dc1/svc/web`;
  const called = `spiffe://${domains.cloud}/ns/default/dc/dc1/svc/api`;
  expect(seen.includes(`URI=${caller}`), `the api was called by ${caller}`);
  expect(seen.includes(`By=${called}`), `the web was answered by ${called}`);

  title("4  The cloud's intentions see the peer, and decide");
  const deny = { Name: "web", Peer: "home", Action: "deny" };
  await write(cloud, { Kind: "service-intentions", Name: "api", Sources: [deny] });
  await until("web of home is denied", async () => (await ask(home)).includes("403"));
  expect(true, "403: web of the peer home may not reach the api");
  await yurt(cloud, ["config", "delete", "-kind", "service-intentions", "-name", "api"]);
  await until("it is let in again", async () => (await ask(home)).startsWith("seen "));
  expect(true, "200: the intention is gone");

  if (!process.stdin.isTTY) return;
  for (const { machine } of [home, cloud])
    console.log(`\n${machine.name}: export NOMAD_ADDR=${nomad(machine)} CONSUL_HTTP_ADDR=${consul(machine)}`);
  console.log("Ctrl-C ends everything.");
  if (!stop.signal.aborted) await once(stop.signal, "abort");
}

async function start(name: string): Promise<Mesh> {
  const machine = network.add(name);
  const folder = mkdtempSync(join(tmpdir(), `yurt-${name}-`));
  const [program = YURT, ...before] = machine.enter;
  const words = [
    ...["agent", "-bind", machine.address, "-data-dir", join(folder, "data"), "-node", name],
    ...["-default-intention-policy", "allow", "-log-level", "warn"],
  ];
  const agent = spawn(program, [...before, YURT, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const mesh = { machine, agent, folder };
  meshes.push(mesh);
  let text = "";
  const isReady = new Promise<void>((resolve) => {
    agent.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("agent is ready")) resolve();
    });
  });
  const ended = once(agent, "exit").then(() => {
    throw new Error(`the agent of ${name} did not start:\n${text}`);
  });
  await Promise.race([isReady, ended]);
  say(`${name} runs at ${nomad(machine)}`);
  return mesh;
}

async function end({ agent, folder }: Mesh): Promise<void> {
  if (agent.exitCode === null && agent.signalCode === null) {
    const exit = once(agent, "exit");
    agent.kill("SIGTERM");
    await exit;
  }
  rmSync(folder, { recursive: true, force: true });
}

function nomad({ address }: Machine): string {
  return `http://${address}:4646`;
}

function consul({ address }: Machine): string {
  return `http://${address}:8500`;
}

function job(name: string): string {
  return relative(process.cwd(), join(import.meta.dirname, `${name}.nomad.hcl`));
}

/** A command for the agent of a mesh. `shown`: in place of its last word; null to say nothing. */
async function yurt({ machine }: Mesh, words: readonly string[], shown: string | null = ""): Promise<string> {
  const env = { ...process.env, NOMAD_ADDR: nomad(machine), CONSUL_HTTP_ADDR: consul(machine) };
  const child = spawn(YURT, words, { env, stdio: ["ignore", "pipe", "pipe"], signal: stop.signal });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    out += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    err += part;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`yurt ${words.slice(0, 4).join(" ")} exited with ${code}:\n${out}${err}`);
  if (shown !== null)
    say(`${machine.name}: yurt ${[...words.slice(0, -1), shown || words.at(-1)].join(" ")}`);
  return out;
}

async function write({ machine }: Mesh, entry: Entry): Promise<void> {
  const response = await fetch(`${consul(machine)}/v1/config`, {
    method: "PUT",
    body: JSON.stringify(entry),
  });
  if (!response.ok) throw new Error(`${entry.Kind}/${entry.Name}: ${await response.text()}`);
  say(`${machine.name}: config write ${entry.Kind}/${entry.Name}`);
}

async function trustDomain({ machine }: Mesh): Promise<string> {
  const roots = await fetch(`${consul(machine)}/v1/connect/ca/roots`);
  return ((await roots.json()) as { TrustDomain: string }).TrustDomain;
}

/** What a task of web gets from its port for the api. */
async function ask(mesh: Mesh): Promise<string> {
  const allocations = (await (await fetch(`${nomad(mesh.machine)}/v1/job/web/allocations`)).json()) as {
    readonly ID: string;
  }[];
  const exec = ["alloc", "exec", "-task", "server", allocations[0]?.ID ?? "", "/usr/bin/python3", "-c", CALL];
  return yurt(mesh, exec, null);
}

async function until<Result>(what: string, look: () => Promise<Result | null>): Promise<Result> {
  for (const limit = Date.now() + PATIENCE; Date.now() < limit; ) {
    stop.signal.throwIfAborted();
    const found = await look();
    if (found) return found;
    await pause(50);
  }
  throw new Error(`waited in vain until ${what}`);
}

function title(text: string): void {
  console.log(`\n${styleText("bold", text)}`);
}

function say(text: string): void {
  console.log(`    ${text}`);
}

function expect(isSo: boolean, text: string): void {
  if (!isSo) throw new Error(text);
  console.log(`  ${styleText("green", "✓")} ${text}`);
}
