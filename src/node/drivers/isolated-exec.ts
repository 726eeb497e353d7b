import { randomUUID } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { command as run } from "../host/command.ts";
import { ControlGroup, obstacleToGroups } from "../host/control-group.ts";
import { identityOf, type ProcessIdentity } from "../host/process-identity.ts";
import { confine } from "../host/processors.ts";
import {
  type AdoptedLaunch,
  type Driver,
  type PreparedTask,
  type RunningTask,
  StartError,
  type TaskExit,
  type TaskLaunch,
} from "./driver.ts";
import { readCommandConfig } from "./driver-config.ts";
import { type ExecRequest, type ExecSession, startSession } from "./exec-session.ts";
import { type Candidate, candidates, firstRunnable } from "./find-program.ts";
import { type HostFolder, ociConfig, ociProcess } from "./oci-config.ts";
import { usageOf } from "./resource-usage.ts";
import { throughShell } from "./shell-environment.ts";
import { killTask, type Supervised, signalTask, spawnSupervised, supervised, watch } from "./supervisor.ts";

/**
 * Where runc keeps what it knows of containers, which a restart of the machine ends: in memory, because it replaces a
 * file there twice for each container, and a disk may want each of them at once. Their names are unique on the machine.
 */
export const RUNC_FOLDER = "/run/yurt/runc";

/** The folders of the host that every task sees, read-only. */
const HOST_FOLDERS = ["/bin", "/etc", "/lib", "/lib32", "/lib64", "/run/resolvconf", "/sbin", "/usr"];

/**
 * Runs a task on its own: its root is its folder, with the usual folders of the host in it; its processes,
 * its shared memory and its mounts are its own, and its memory and processor time are limited. runc makes
 * the container and leaves; process 1 inside is the supervisor.
 */
export function isolatedExec(controlGroupParent: string): Driver {
  const container = (id: string) => new Container(id, new ControlGroup(join(controlGroupParent, id)));
  return {
    users: "host",
    needsDaemon: false,
    networks: null,
    removeOthers: async () => {},
    defaultUser: "nobody",
    obstacle,
    view: () => ({ alloc: "/alloc", local: "/local", secrets: "/secrets", tmp: "/tmp" }),
    locate: ({ destination }) => destination,
    prepare: async (launch) => container(launch.id).prepare(launch),
    adopt: async (launch, saved) => container(launch.id).running(launch, saved as unknown as ProcessIdentity),
  };
}

async function obstacle(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "the agent must run as root to isolate tasks";
  try {
    await run("runc", ["--version"]);
  } catch (error) {
    return (error as Error).message;
  }
  return obstacleToGroups();
}

class Container {
  readonly #id: string;
  readonly #group: ControlGroup;

  constructor(id: string, group: ControlGroup) {
    this.#id = id;
    this.#group = group;
  }

  async prepare(launch: TaskLaunch): Promise<PreparedTask> {
    if (this.#isThere()) await this.#remove();
    const config = readCommandConfig(launch.config);
    const program = await firstRunnable(config.command, placesOf(config.command, launch));
    const { command, environment } = throughShell({
      command: [program, ...config.args],
      environment: launch.environment,
    });
    const hostFolders = findHostFolders();
    linkFolders(launch.folder.root, hostFolders);
    const bundle = join(launch.stateFolder, "bundle");
    mkdirSync(bundle, { recursive: true, mode: 0o700 });
    const oci = ociConfig({
      launch,
      command: supervised(command),
      environment,
      config,
      hostFolders,
      controlGroup: this.#group.name,
      canLimitSwap: canLimitSwap(),
    });
    writeFileSync(join(bundle, "config.json"), JSON.stringify(oci), { mode: 0o600 });
    const { identity, begin, discard } = await this.#create(launch, bundle);
    return {
      saved: { ...identity },
      begin: async () => {
        begin();
        return this.running(launch, identity);
      },
      discard: async () => {
        discard();
        await this.#remove();
      },
    };
  }

  running(launch: AdoptedLaunch, supervisor: ProcessIdentity): RunningTask {
    const { ended, stop } = watch(launch.stateFolder);
    return {
      pid: supervisor.pid,
      ended: ended.then((code) => this.#exit(code)),
      signal: (name) => signalTask(supervisor, name),
      kill: () => killTask(supervisor, ended, this.#group),
      exec: (request) => this.#exec(launch, request),
      usage: async () => usageOf(await this.#group.pids()),
      confine: (cores) => confine(this.#group, cores),
      leave: stop,
      forget: async () => {},
    };
  }

  async #create(launch: TaskLaunch, bundle: string): Promise<Supervised & { identity: ProcessIdentity }> {
    const [log, pidFile] = [join(bundle, "runc.log"), join(bundle, "pid")];
    rmSync(log, { force: true });
    const supervisor = spawnSupervised(
      [
        ...this.#runc("--log", log, "--log-format", "json", "run"),
        ...["--detach", "--preserve-fds", "3", "--pid-file", pidFile, "--bundle", bundle, this.#id],
      ],
      { ...launch, environment: hostEnvironment, cwd: "/" },
    );
    const exit = await supervisor.exited;
    const isMade = exit.kind === "exited" && exit.code === 0;
    const identity = isMade ? identityOf(Number(readFileSync(pidFile, "utf8"))) : null;
    if (identity !== null) return { ...supervisor, identity };
    supervisor.discard();
    await this.#remove();
    throw new StartError(isMade ? "the container ended as it was made" : await complaint(log));
  }

  async #exit(code: number | null): Promise<TaskExit> {
    const isOutOfMemory = (await this.#group.outOfMemoryKills()) > 0 && code !== 0;
    await this.#remove();
    return code === null ? lost : { kind: "exited", code, isOutOfMemory };
  }

  #isThere(): boolean {
    return existsSync(this.#runcState) || this.#group.exists();
  }

  get #runcState(): string {
    return join(RUNC_FOLDER, this.#id);
  }

  /** Also of what an interrupted start has left. */
  async #remove(): Promise<void> {
    if (existsSync(this.#runcState)) {
      await run("runc", this.#runc("delete", "--force", this.#id).slice(1));
    }
    await this.#group.destroy();
  }

  async #exec(
    { account, environment, stateFolder }: AdoptedLaunch,
    request: ExecRequest,
  ): Promise<ExecSession> {
    const base = join(stateFolder, `exec-${randomUUID()}`);
    const [file, pidFile] = [`${base}.json`, `${base}.pid`];
    const config = { workDir: null, capAdd: [], capDrop: [] };
    const process = ociProcess({ account, environment, config, ...request });
    await writeFile(file, JSON.stringify(process), { mode: 0o600 });
    const session = startSession({
      command: [...this.#runc("exec"), "--process", file, "--pid-file", pidFile, this.#id],
      environment: hostEnvironment,
      cwd: "/",
      tty: request.tty,
      kill: () => void killByFile(pidFile),
    });
    const tidy = () => Promise.all([file, pidFile].map((path) => rm(path, { force: true })));
    session.exitCode.then(tidy, tidy);
    return session;
  }

  #runc(...args: readonly string[]): string[] {
    return ["runc", "--root", RUNC_FOLDER, ...args];
  }
}

const hostEnvironment = { PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin" };

const lost: TaskExit = {
  kind: "lost",
  reason: "process 1 of the task's container was killed, or the machine was restarted",
};

/** A path is the task's own; what is in none of the host's folders is in the task's. */
function placesOf(command: string, { environment, folder, mounts }: TaskLaunch): Candidate[] {
  const onHost = (path: string) =>
    mounts.find(({ destination }) => destination === path)?.source ??
    (HOST_FOLDERS.some((shared) => path.startsWith(`${shared}/`)) ? path : join(folder.root, path));
  if (command.includes("/") && !isAbsolute(command)) {
    return [join("/local", command), join("/", command)].map((path) => ({
      asTask: path,
      onHost: onHost(path),
    }));
  }
  return candidates(command, environment["PATH"] ?? "", onHost);
}

function findHostFolders(): HostFolder[] {
  return HOST_FOLDERS.flatMap((path) => {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry === undefined) return [];
    return [{ path, link: entry.isSymbolicLink() ? readlinkSync(path) : null }];
  });
}

function linkFolders(root: string, folders: readonly HostFolder[]): void {
  for (const { path, link } of folders) {
    if (link === null) continue;
    rmSync(join(root, path), { force: true });
    symlinkSync(link, join(root, path));
  }
}

/** Version 1 of control groups counts swap only where the kernel was started to do so. */
function canLimitSwap(): boolean {
  return ["cgroup.procs", "memory/memory.memsw.limit_in_bytes"].some((file) =>
    existsSync(join("/sys/fs/cgroup", file)),
  );
}

/** What runc says in its log of why it failed. */
async function complaint(log: string): Promise<string> {
  const lines = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").filter(Boolean);
  const messages = lines.flatMap((line) => {
    const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
    return level === "error" && msg !== undefined ? [msg] : [];
  });
  return `runc could not make the container: ${messages.join("; ") || "it gave no reason"}`;
}

async function killByFile(pidFile: string): Promise<void> {
  try {
    process.kill(Number(await readFile(pidFile, "utf8")), "SIGKILL");
  } catch {
    // It has ended already, or did not start.
  }
}
