/**
 * Runs two services through two real Envoys and proves every hop of a request: `make demo`. With a terminal it
 * then waits for Ctrl-C; without one it ends, with 0 only if every part was so.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { styleText } from "node:util";

const YURT = join(import.meta.dirname, "../../bin/yurt");
/** Where the demo's agent listens: elsewhere when these variables of Nomad's and Consul's clients say so. */
const NOMAD = process.env["NOMAD_ADDR"] ?? "http://127.0.0.1:4646";
const CONSUL = process.env["CONSUL_HTTP_ADDR"] ?? "http://127.0.0.1:8500";

interface Proxy {
  readonly ID: string;
  readonly Service: string;
  readonly AllocID: string;
}

interface Certificates {
  readonly certificates: readonly {
    readonly cert_chain: readonly { readonly subject_alt_names: readonly { readonly uri?: string }[] }[];
  }[];
}

const CALL =
  "import urllib.request; print(urllib.request.urlopen('http://localhost:8080/', timeout=5).read().decode())";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

const ports = [
  "-http-port",
  new URL(NOMAD).port,
  "-consul-http-port",
  new URL(CONSUL).port,
  // What the demo does without, another agent may have.
  ...["-grpc-port", "-1", "-dns-port", "-1"],
];
const agent = spawn(YURT, ["agent", "-dev", "-log-level", "warn", ...ports], {
  stdio: ["ignore", "pipe", "inherit"],
});
const agentEnd = once(agent, "exit");
let failed = false;
try {
  await ready();
  await prove();
} catch (error) {
  failed = true;
  console.error(`\n${styleText("red", "✗")} ${error instanceof Error ? error.message : String(error)}`);
} finally {
  agent.kill("SIGTERM");
  await agentEnd;
}
process.exitCode = failed ? 1 : 0;

async function prove(): Promise<void> {
  title("Two jobs, each in its own network namespace with its own Envoy");
  for (const job of ["api", "dashboard"])
    await yurt("job", "run", join(import.meta.dirname, `${job}.nomad.hcl`));
  const [api, dashboard] = [await proxyOf("api"), await proxyOf("dashboard")];
  const before = { api: await counters(api), dashboard: await counters(dashboard) };

  title("1  The task calls localhost:8080, where its own Envoy listens");
  const python = ["/usr/bin/python3", "-c", CALL];
  const answer = await yurt("alloc", "exec", "-task", "page", dashboard.AllocID, ...python);
  say(`the task asked http://localhost:8080/ and got ${answer.trim()}`);
  const listeners = await page(dashboard, "listeners");
  expect(listeners.includes("127.0.0.1:8080"), `listener ${lineWith(listeners, ":8080")} is Envoy's`);

  const after = { api: await counters(api), dashboard: await counters(dashboard) };
  const grown = (side: "api" | "dashboard", name: string) =>
    (after[side].get(name) ?? 0) - (before[side].get(name) ?? 0);
  const counted = (side: "api" | "dashboard", name: string, meaning: string) =>
    expect(
      grown(side, name) > 0,
      `${name}: ${before[side].get(name) ?? 0} → ${after[side].get(name) ?? 0}  ${meaning}`,
    );

  title("2  The dashboard's Envoy sends it to the api's Envoy");
  counted("dashboard", "cluster.api.upstream_cx_total", "connections to the api");

  title("3  Between the two, mutual TLS");
  counted("dashboard", "cluster.api.ssl.handshake", "handshakes as a client");
  counted("api", "listener.public.ssl.handshake", "handshakes as a server that demands a certificate");
  for (const proxy of [dashboard, api]) say(`the certificate of ${proxy.Service}: ${await spiffeId(proxy)}`);
  expect((await spiffeId(dashboard)).endsWith("/svc/dashboard"), "the dashboard shows its own identity");
  expect((await spiffeId(api)).endsWith("/svc/api"), "the api shows its own identity");

  title("4  The api's Envoy hands it to the task on its loopback interface");
  counted("api", "cluster.local_app.upstream_cx_total", "connections to the task");
  await unreachableWithoutProxy();

  title("An intention decides on the next request");
  await yurt("intention", "create", "-deny", "dashboard", "api");
  await expectCall(502, "dashboard => api is denied, and the page cannot count");
  await yurt("intention", "delete", "dashboard", "api");
  await expectCall(200, "the intention is gone, and it counts again");

  console.log(`\n${styleText("bold", "The dashboard:")} http://127.0.0.1:9002/`);
  if (!process.stdin.isTTY) return;
  console.log("Ctrl-C ends everything.");
  if (!stop.signal.aborted) await once(stop.signal, "abort");
}

async function ready(): Promise<void> {
  const isReady = new Promise<void>((resolve) => {
    agent.stdout.setEncoding("utf8").on("data", (text: string) => {
      process.stdout.write(text);
      if (text.includes("agent is ready")) resolve();
    });
  });
  const ended = agentEnd.then(() => {
    throw new Error("the agent did not start");
  });
  await Promise.race([isReady, ended]);
}

/** A command of the program; its own messages are shown when it fails. */
async function yurt(...words: readonly string[]): Promise<string> {
  const child = spawn(YURT, words, { stdio: ["ignore", "pipe", "pipe"], signal: stop.signal });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    out += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    err += part;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`yurt ${words.join(" ")} exited with ${code}:\n${out}${err}`);
  say(`yurt ${words.map((word) => (word.includes(" ") ? "…" : word)).join(" ")}`);
  return out;
}

async function proxyOf(service: string): Promise<Proxy> {
  const proxies = (await (await fetch(`${NOMAD}/v1/mesh/proxies`)).json()) as Proxy[];
  const found = proxies.find((proxy) => proxy.Service === service);
  if (found === undefined) throw new Error(`there is no proxy of ${service}`);
  return found;
}

async function page(proxy: Proxy, name: string): Promise<string> {
  const response = await fetch(`${NOMAD}/v1/mesh/proxy/${proxy.ID}/${name}`);
  if (!response.ok) throw new Error(`${name} of ${proxy.Service}: ${await response.text()}`);
  return response.text();
}

/** Envoy's counters, with the long names of clusters and listeners cut to what tells them apart. */
async function counters(proxy: Proxy): Promise<Map<string, number>> {
  const lines = (await page(proxy, "stats")).split("\n").map((line) => line.split(": "));
  return new Map(
    lines.map(([name = "", value]) => [
      name
        .replace(/^cluster\.api\.default\.[^ ]+?\.consul\./, "cluster.api.")
        .replace(/^listener\.0\.0\.0\.0_\d+\./, "listener.public."),
      Number(value),
    ]),
  );
}

async function spiffeId(proxy: Proxy): Promise<string> {
  const { certificates } = JSON.parse(await page(proxy, "certs")) as Certificates;
  const names = certificates.flatMap(({ cert_chain }) =>
    cert_chain.flatMap(({ subject_alt_names }) => subject_alt_names),
  );
  return names.map(({ uri }) => uri ?? "").find((uri) => uri.includes("/svc/")) ?? "none";
}

async function unreachableWithoutProxy(): Promise<void> {
  const { AllocID } = await proxyOf("api");
  const allocation = (await (await fetch(`${NOMAD}/v1/allocation/${AllocID}`)).json()) as {
    readonly AllocatedResources: {
      readonly Shared: { readonly Ports: readonly { Label: string; Value: number; HostIP: string }[] };
    };
  };
  const port = allocation.AllocatedResources.Shared.Ports.find(({ Label }) => Label === "http");
  const status = await call(`http://${port?.HostIP}:${port?.Value}/`);
  expect(
    status === null,
    `http://${port?.HostIP}:${port?.Value}/, the task's port on the host, refuses everybody`,
  );
}

async function expectCall(wanted: number, meaning: string): Promise<void> {
  const limit = Date.now() + 5000;
  let status = await call("http://127.0.0.1:9002/count");
  while (status !== wanted && Date.now() < limit) {
    await pause(10);
    status = await call("http://127.0.0.1:9002/count");
  }
  expect(status === wanted, `${status} ${meaning}`);
}

/** The status of one request on a connection of its own; null when it could not be made. */
function call(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    request(url, { agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    })
      .on("error", () => resolve(null))
      .end();
  });
}

function lineWith(text: string, part: string): string {
  return text.split("\n").find((line) => line.includes(part)) ?? "";
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
