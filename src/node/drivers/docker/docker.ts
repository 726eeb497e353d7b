import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AllocationId } from "#model/id.ts";
import { pause } from "#model/pulse.ts";
import { groupOf } from "../../host/control-group.ts";
import { processorList } from "../../host/processors.ts";
import { HOST_RESOLV_CONF, resolvConf } from "../../network/resolv-conf.ts";
import {
  type AdoptedLaunch,
  type Driver,
  type PreparedTask,
  type RunningTask,
  StartError,
  type TaskExit,
  type TaskLaunch,
  type Tell,
} from "../driver.ts";
import { usageOf } from "../resource-usage.ts";
import { beginLogs, followLogs, type LogPlaces } from "./container-logs.ts";
import { containerOptions, withHostPaths } from "./container-options.ts";
import type { CredentialSources } from "./credentials.ts";
import { type DockerConfig, readDockerConfig } from "./docker-config.ts";
import { execInContainer } from "./docker-exec.ts";
import { Engine, EngineError, UnreachableError } from "./engine.ts";
import { provideImage } from "./image.ts";
import { ImageGarbage } from "./image-garbage.ts";
import { allocationLabel, holderName, networkHolder } from "./network-holder.ts";

export interface DockerOptions {
  /** The daemon's socket: Docker's, or Podman's. */
  readonly socketPath: string;
  /** Tells the containers of this agent from those of others: the name of its control group. */
  readonly owner: string;
  readonly mayBePrivileged: boolean;
  readonly credentials: CredentialSources;
  /** Whether containers are removed when their tasks have ended. */
  readonly removesContainers: boolean;
  /** After so many milliseconds images go that tasks have brought and none uses any more; null for never. */
  readonly imageDelay: number | null;
}

/** What a driver works with. */
interface Daemon {
  readonly engine: Engine;
  readonly images: ImageGarbage;
  readonly options: DockerOptions;
}

/** By it an agent finds the containers that an agent before it has left. */
const OWNER = "yurt.agent";

/** Milliseconds that a daemon may take to come back before its tasks are given up. */
const PATIENCE = 30_000;
const SECOND_LOOK = 250;

/** Runs a task as a container of a Docker daemon, in the network of its allocation. */
export function docker(options: DockerOptions): Driver {
  const engine = new Engine(options.socketPath);
  const daemon: Daemon = { engine, images: new ImageGarbage(engine, options.imageDelay), options };
  const labels = { [OWNER]: options.owner };
  return {
    users: "own",
    needsDaemon: true,
    defaultUser: "",
    obstacle: () => obstacle(engine),
    view: () => ({ alloc: "/alloc", local: "/local", secrets: "/secrets", tmp: "/tmp" }),
    locate: ({ destination }) => destination,
    networks: networkHolder(engine, labels),
    prepare: (launch, tell) => prepare(daemon, launch, tell),
    adopt: async (launch, saved, tell) => {
      const known = saved as unknown as Saved;
      if (known.image) daemon.images.use(known.image, launch.id, true);
      await beginIfCreated(engine, known).catch(() => {});
      return running(daemon, launch, known, tell);
    },
    removeOthers: (isKnown) => removeOthers(daemon, isKnown),
  };
}

async function obstacle(engine: Engine): Promise<string | null> {
  try {
    await engine.call("/version", { signal: AbortSignal.timeout(5000) });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Saved {
  readonly container: string;
  /** The image when it goes with its last task; null when it stays. */
  readonly image: string | null;
  readonly isTerminal: boolean;
  /** Its configuration names them. */
  readonly hasOwnCores: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

interface ContainerDetails {
  readonly State: {
    readonly Pid: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
    readonly Running: boolean;
    readonly Status: string;
  };
}

async function prepare(daemon: Daemon, launch: TaskLaunch, tell: Tell): Promise<PreparedTask> {
  const { engine, images, options } = daemon;
  const config = readDockerConfig(launch.config);
  let brought: string | null = null;
  const discard = async () => {
    await remove(engine, containerName(launch)).catch(() => {});
    if (brought !== null) images.release(brought, launch.id);
  };
  const orNothing = <Result>(step: () => Promise<Result>) =>
    step().catch(async (error: unknown) => {
      await discard();
      if (error instanceof UnreachableError) throw new StartError(error.message, { isPassing: true });
      if (error instanceof EngineError) throw new StartError(error.message);
      throw error;
    });
  return orNothing(async () => {
    await remove(engine, containerName(launch));
    const { id, isBrought } = await provideImage(engine, config, options.credentials, launch, tell);
    brought = images.use(id, launch.id, isBrought) ? id : null;
    const saved = { ...(await create(engine, launch, config, options)), image: brought };
    await beginLogs(placesOf(launch, saved));
    return {
      saved: { ...saved },
      begin: () =>
        orNothing(async () => {
          await begin(engine, saved);
          return running(daemon, launch, saved, tell);
        }),
      discard,
    };
  });
}

async function begin(engine: Engine, { container }: Saved): Promise<void> {
  await engine.call(`/containers/${container}/start`, { method: "POST" });
}

/** For a container that an agent was about to let begin when it was killed. */
async function beginIfCreated(engine: Engine, saved: Saved): Promise<void> {
  const { State } = await engine.call<ContainerDetails>(`/containers/${saved.container}/json`);
  if (State.Status === "created") await begin(engine, saved);
}

/** As in Nomad, so that people find it in `docker ps`. */
function containerName({ name, allocation }: Pick<TaskLaunch, "name" | "allocation">): string {
  return `${name.replaceAll(/[^\w.-]/g, "_")}-${allocation}`;
}

async function create(
  engine: Engine,
  launch: TaskLaunch,
  config: DockerConfig,
  { owner, mayBePrivileged }: DockerOptions,
): Promise<Omit<Saved, "image">> {
  const networkOf =
    launch.networkNamespace === null || config.networkMode !== null ? null : holderName(launch.allocation);
  const body = containerOptions({
    ...{ launch, networkOf, mayBePrivileged },
    config: await withHostPaths(config, launch.folder),
    files: networkOf === null ? [] : await networkFiles(launch, config),
    labels: { [OWNER]: owner, ...allocationLabel(launch.allocation) },
  });
  const { Id } = await engine.call<{ Id: string }>("/containers/create", {
    method: "POST",
    query: { name: containerName(launch) },
    body,
  });
  return {
    container: Id,
    isTerminal: config.tty,
    hasOwnCores: config.cpusetCpus !== null,
    stdout: launch.stdout,
    stderr: launch.stderr,
  };
}

/** A container that shares another's network takes its names from there: what the job says comes as files. */
async function networkFiles(launch: TaskLaunch, config: DockerConfig) {
  await mkdir(launch.stateFolder, { recursive: true });
  const hosts = join(launch.stateFolder, "hosts");
  const extra = config.extraHosts.map((line) => {
    const [name = "", ...address] = line.split(":");
    return `${address.join(":")} ${name}`;
  });
  const own =
    launch.address === null ? [] : [`${launch.address} ${config.hostname ?? holderHost(launch.allocation)}`];
  const lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", ...own, ...extra];
  await writeFile(hosts, `${lines.join("\n")}\n`, { mode: 0o644 });
  const resolv = await resolvFile(launch, config);
  return [
    { source: hosts, destination: "/etc/hosts" },
    { source: resolv, destination: "/etc/resolv.conf" },
  ];
}

function holderHost(allocation: AllocationId): string {
  return allocation.slice(0, 12);
}

/** Also when it is the host's: Podman gives none to a container that shares the network of another. */
async function resolvFile(launch: TaskLaunch, config: DockerConfig): Promise<string> {
  const { dnsServers: Servers, dnsSearches: Searches, dnsOptions: Options } = config;
  const isOwn = Servers.length + Searches.length + Options.length > 0;
  const given = () => readFile(launch.resolvConf ?? HOST_RESOLV_CONF, "utf8").catch(() => "");
  const path = join(launch.stateFolder, "docker-resolv.conf");
  await writeFile(path, isOwn ? resolvConf({ Servers, Searches, Options }) : await given(), { mode: 0o644 });
  return path;
}

async function running(
  daemon: Daemon,
  launch: AdoptedLaunch,
  saved: Saved,
  tell: Tell,
): Promise<RunningTask> {
  const { engine, images, options } = daemon;
  const { container } = saved;
  const left = new AbortController();
  const details = await engine.find<ContainerDetails>(`/containers/${container}/json`).catch(() => null);
  const order = (path: string, query = {}) =>
    engine.find(`/containers/${container}/${path}`, { method: "POST", query }).catch(() => {});
  return {
    pid: details?.State.Pid ?? 0,
    ended: watch(daemon, placesOf(launch, saved), container, left.signal, tell),
    signal: (signal) => void order("kill", { signal }),
    kill: async () => void (await order("kill", { signal: "SIGKILL" })),
    exec: (request) => execInContainer(engine, container, request),
    usage: async () => usageOf(await pidsOf(engine, container)),
    confine: async (cores) => {
      if (saved.hasOwnCores) return;
      const body = { CpusetCpus: processorList(cores) };
      await engine.find(`/containers/${container}/update`, { method: "POST", body });
    },
    leave: () => left.abort(),
    forget: async () => {
      if (options.removesContainers)
        await remove(engine, container).catch((error: Error) => {
          tell(`the container ${container} could not be removed: ${error.message}`);
        });
      if (saved.image) images.release(saved.image, launch.id);
    },
  };
}

function placesOf({ stateFolder }: Pick<AdoptedLaunch, "stateFolder">, saved: Saved): LogPlaces {
  return { stateFolder, stdout: saved.stdout, stderr: saved.stderr, isTerminal: saved.isTerminal };
}

async function watch(
  daemon: Daemon,
  places: LogPlaces,
  container: string,
  left: AbortSignal,
  tell: Tell,
): Promise<TaskExit> {
  for (;;) {
    try {
      return await awaitExit(daemon.engine, places, container, left);
    } catch (error) {
      // Nobody waits any more.
      if (left.aborted) return new Promise(() => {});
      if (error instanceof EngineError && error.status === 404)
        return { kind: "lost", reason: "the container was removed by somebody else" };
      const reason = error instanceof Error ? error.message : String(error);
      tell(`${reason}; the task is looked for again when it answers`);
      if (!(await comesBack(daemon.engine, left))) return { kind: "lost", reason };
    }
  }
}

async function awaitExit(
  engine: Engine,
  places: LogPlaces,
  container: string,
  signal: AbortSignal,
): Promise<TaskExit> {
  const copied = places.stdout === "/dev/null" ? null : followLogs(engine, container, places, signal);
  // Told below, after the exit.
  copied?.catch(() => {});
  const { StatusCode } = await engine.call<{ StatusCode: number }>(`/containers/${container}/wait`, {
    method: "POST",
    signal,
  });
  await copied;
  const details = await engine.find<ContainerDetails>(`/containers/${container}/json`);
  return { kind: "exited", code: StatusCode, isOutOfMemory: details?.State.OOMKilled ?? false };
}

async function comesBack(engine: Engine, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end && !signal.aborted) {
    await pause(SECOND_LOOK, signal);
    if ((await obstacle(engine)) === null) return true;
  }
  return false;
}

async function remove(engine: Engine, container: string): Promise<void> {
  await engine.find(`/containers/${container}`, { method: "DELETE", query: { force: true, v: true } });
}

/** By its control group: what a daemon's `top` takes and tells differs between Docker and Podman. */
async function pidsOf(engine: Engine, container: string): Promise<number[]> {
  const details = await engine.find<ContainerDetails>(`/containers/${container}/json`).catch(() => null);
  const pid = details?.State.Pid ?? 0;
  return pid === 0 ? [] : ((await groupOf(pid))?.pids() ?? [pid]);
}

async function removeOthers(
  { engine, options: { owner, removesContainers } }: Daemon,
  isKnown: (allocation: string) => boolean,
): Promise<void> {
  const filters = JSON.stringify({ label: [`${OWNER}=${owner}`] });
  const found = await engine
    .call<{ Id: string; State: string; Labels: Record<string, string> }[]>("/containers/json", {
      query: { all: true, filters },
    })
    // Without a daemon nothing is left of its containers either.
    .catch(() => []);
  const [label = ""] = Object.keys(allocationLabel(""));
  const strange = found.filter(
    ({ State, Labels }) => !isKnown(Labels[label] ?? "") && (removesContainers || State !== "exited"),
  );
  await Promise.all(strange.map(({ Id }) => remove(engine, Id)));
}
