/**
 * Kuma (3.0 or later) in universal mode, as a mesh to compare with: where KUMA_CP_BIN and KUMA_DP_BIN name its
 * binaries, it joins the same two namespaces with mutual TLS and a permission for all, by the same Envoy as ours.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findEnvoy } from "../../src/model/envoy-binary.ts";
import { freePort } from "../../test/e2e/support/yurt.ts";
import { until } from "../../test/support/wait.ts";

export interface KumaBinaries {
  readonly controlPlane: string;
  readonly dataplane: string;
}

/** A port of the server that is reached by a port of the client's loopback address. */
export interface KumaWay {
  readonly protocol: "tcp" | "http" | "grpc";
  readonly listens: number;
  readonly crosses: number;
  readonly leadsTo: number;
}

interface Machine {
  readonly namespace: string;
  readonly address: string;
}

export interface Kuma extends AsyncDisposable {
  /** Its Envoys: the client's and the server's. */
  readonly pids: readonly number[];
}

/** What the environment names; null where it names nothing. */
export function kumaBinaries(): KumaBinaries | null {
  const [controlPlane, dataplane] = [process.env["KUMA_CP_BIN"], process.env["KUMA_DP_BIN"]];
  if (!controlPlane && !dataplane) return null;
  if (!controlPlane || !dataplane) {
    throw new Error(
      "Kuma takes two binaries: set both KUMA_CP_BIN and KUMA_DP_BIN, or neither to leave Kuma out.",
    );
  }
  for (const path of [controlPlane, dataplane]) {
    if (!existsSync(path)) throw new Error(`There is no ${path}, which KUMA_CP_BIN or KUMA_DP_BIN names.`);
  }
  return { controlPlane, dataplane };
}

const MESH = "/meshes/default";
const SERVER = "bench-server";
const TRUST_DOMAIN = "kuma.bench";

/** Gives back Kuma when its client's proxy sends with mutual TLS. */
export async function startKuma(
  binaries: KumaBinaries,
  folder: string,
  ways: readonly KumaWay[],
  client: Machine,
  server: Machine,
): Promise<Kuma> {
  await using starting = new AsyncDisposableStack();
  const started = (child: ChildProcess) => starting.adopt(child, end);
  const [api, forProxies] = [await freePort(), await freePort()];
  const place = (name: string) => join(folder, `kuma-${name}`);

  started(await startControlPlane(binaries.controlPlane, place("control-plane"), api, forProxies));
  const rest = `http://127.0.0.1:${api}`;
  await until("Kuma's control plane has its mesh", async () => (await fetch(`${rest}${MESH}`)).ok);
  for (const [path, spec] of Object.entries(policies)) await put(rest, path, spec);
  await until("Kuma's mesh has a certificate authority", async () =>
    isReady(await get<Identity>(rest, `${MESH}/meshidentities/bench`)),
  );

  const controlPlane = `https://${hostSeenFrom(client.namespace)}:${forProxies}`;
  const proxy = (name: string, { namespace, address }: Machine, ports: Ports) =>
    started(
      startProxy(binaries.dataplane, namespace, place(name), controlPlane, dataplane(name, address, ports)),
    );
  const proxies = [
    proxy("bench-client", client, { outbound: ways.map(outbound) }),
    proxy(SERVER, server, { inbound: ways.map(inbound) }),
  ];
  const pids = await until("Kuma's Envoys run", () => {
    const envoys = proxies.flatMap(({ pid = 0 }) => childrenOf(pid).filter(isServing));
    return envoys.length === proxies.length ? envoys : null;
  });
  await until("Kuma's server is known to take mutual TLS", async () => {
    const { status } = await get<Service>(rest, `${MESH}/meshservices/${SERVER}`);
    return status?.tls?.status === "Ready";
  });

  const running = starting.move();
  return { pids, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function startControlPlane(program: string, place: string, api: number, forProxies: number) {
  mkdirSync(place);
  const settings = {
    ENVIRONMENT: "universal",
    MODE: "zone",
    STORE_TYPE: "memory",
    GENERAL_WORK_DIR: place,
    REPORTS_ENABLED: "false",
    API_SERVER_HTTP_INTERFACE: "127.0.0.1",
    API_SERVER_HTTP_PORT: String(api),
    API_SERVER_HTTPS_ENABLED: "false",
    API_SERVER_GUI_ENABLED: "false",
    DP_SERVER_PORT: String(forProxies),
    DP_SERVER_AUTHN_DP_PROXY_TYPE: "none",
    MONITORING_ASSIGNMENT_SERVER_ENABLED: "false",
    DIAGNOSTICS_SERVER_PORT: String(await freePort()),
    INTER_CP_SERVER_PORT: String(await freePort()),
  };
  const environment = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`KUMA_${key}`, value]),
  );
  return spawn(program, ["run", "--log-level", "off"], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function startProxy(
  program: string,
  namespace: string,
  place: string,
  controlPlane: string,
  resource: unknown,
) {
  mkdirSync(place);
  const file = join(place, "dataplane.json");
  writeFileSync(file, JSON.stringify(resource));
  const words = [
    ...[program, "run", "--log-level", "off", "--envoy-log-level", "error", "--work-dir", place],
    ...["--cp-address", controlPlane, "--skip-verify", "--dataplane-file", file],
    ...["--binary-path", findEnvoy(undefined) ?? "envoy", "--concurrency", "1"],
    ...["--dns-enabled=false", "--drain-time", "1s"],
  ];
  return spawn("ip", ["netns", "exec", namespace, ...words], { stdio: ["ignore", "ignore", "inherit"] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill();
  await exit;
}

const policies = {
  [`${MESH}/meshidentities/bench`]: {
    type: "MeshIdentity",
    spec: {
      selector: { dataplane: { matchLabels: {} } },
      spiffeID: { trustDomain: TRUST_DOMAIN },
      provider: {
        type: "Bundled",
        bundled: {
          meshTrustCreation: "Enabled",
          insecureAllowSelfSigned: true,
          certificateParameters: { expiry: "24h" },
          autogenerate: { enabled: true },
        },
      },
    },
  },
  [`${MESH}/meshtrafficpermissions/all`]: {
    type: "MeshTrafficPermission",
    spec: {
      targetRef: { kind: "Mesh" },
      rules: [{ default: { allow: [{ spiffeID: { type: "Prefix", value: `spiffe://${TRUST_DOMAIN}` } }] } }],
    },
  },
};

type Ports = Readonly<Partial<Record<"inbound" | "outbound", readonly object[]>>>;

/** Its name is that of its service, too, which Kuma makes of this label. */
function dataplane(name: string, address: string, ports: Ports) {
  return {
    type: "Dataplane",
    mesh: "default",
    name,
    labels: { "kuma.io/workload": name },
    networking: { address, ...ports },
  };
}

function inbound({ protocol, crosses, leadsTo }: KumaWay) {
  return { name: protocol, port: crosses, servicePort: leadsTo, serviceAddress: "127.0.0.1", protocol };
}

function outbound({ listens, crosses }: KumaWay) {
  return {
    address: "127.0.0.1",
    port: listens,
    backendRef: { kind: "MeshService", name: SERVER, port: crosses },
  };
}

interface Identity {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Service {
  readonly status?: { readonly tls?: { readonly status?: string } };
}

function isReady({ status }: Identity): boolean {
  return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

async function get<Resource>(rest: string, path: string): Promise<Resource> {
  return (await (await fetch(`${rest}${path}`)).json()) as Resource;
}

async function put(rest: string, path: string, resource: object): Promise<void> {
  const name = path.split("/").at(-1);
  const body = JSON.stringify({ mesh: "default", name, ...resource });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${rest}${path}`, { method: "PUT", headers, body });
  if (!response.ok) throw new Error(`Kuma refused ${path}: ${response.status} ${await response.text()}`);
}

/** The address of this machine for those in a namespace. */
function hostSeenFrom(namespace: string): string {
  const routes = execFileSync("ip", ["-n", namespace, "-json", "route", "show", "default"], {
    encoding: "utf8",
  });
  const [route] = JSON.parse(routes) as { readonly gateway: string }[];
  if (route === undefined) throw new Error(`there is no way from the namespace ${namespace} to this machine`);
  return route.gateway;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" "))
    .filter((child) => child !== "")
    .map(Number);
}

/** Not so the Envoy that is only asked for its version. */
function isServing(envoy: number): boolean {
  return readFileSync(`/proc/${envoy}/cmdline`, "utf8").split("\0").includes("--config-path");
}
