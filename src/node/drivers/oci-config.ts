import { join } from "node:path";
import { processorList } from "../host/processors.ts";
import { capabilities, capabilityNamed } from "./capabilities.ts";
import type { Mount, TaskLaunch } from "./driver.ts";
import type { CommandConfig } from "./driver-config.ts";

/** A folder of the host that a task of its own sees too; null as `link` where it is a folder, else its target. */
export interface HostFolder {
  readonly path: string;
  readonly link: string | null;
}

/** What a container is made from (OCI runtime specification 1.0.2, config.md and config-linux.md). */
export type OciConfig = ReturnType<typeof ociConfig>;

export interface ContainerParts {
  readonly launch: TaskLaunch;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly config: CommandConfig;
  readonly hostFolders: readonly HostFolder[];
  /** The control group's path below the hierarchies' roots. */
  readonly controlGroup: string;
  readonly canLimitSwap: boolean;
}

export function ociConfig(parts: ContainerParts) {
  const { launch } = parts;
  return {
    ociVersion: "1.0.2",
    process: ociProcess({ ...parts, account: launch.account, tty: false }),
    root: { path: launch.folder.root },
    mounts: [...systemMounts(launch), ...taskMounts(parts).map(bind)],
    linux: {
      cgroupsPath: join("/", parts.controlGroup),
      namespaces: namespaces(launch),
      resources: resources(launch, parts.canLimitSwap),
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
    },
  };
}

export interface ProcessParts {
  readonly account: TaskLaunch["account"];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly config: Pick<CommandConfig, "workDir" | "capAdd" | "capDrop">;
  readonly tty: boolean;
}

export function ociProcess({ account: { uid, gid }, command, environment, config, tty }: ProcessParts) {
  const granted = capabilities(config);
  const kept = ["NET_BIND_SERVICE", ...config.capAdd].map(capabilityNamed);
  return {
    terminal: tty,
    user: { uid, gid },
    args: command,
    env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    cwd: config.workDir ?? "/",
    noNewPrivileges: true,
    capabilities: {
      bounding: granted,
      permitted: granted,
      effective: granted,
      inheritable: granted,
      // Users other than root keep no others when they run a program; a web server may want port 80.
      ambient: granted.filter((name) => kept.includes(name)),
    },
  };
}

function namespaces({ networkNamespace }: TaskLaunch): { type: string; path?: string }[] {
  const own = ["pid", "ipc", "mount"].map((type) => ({ type }));
  return networkNamespace === null ? own : [...own, { type: "network", path: networkNamespace }];
}

const MEGABYTE = 1024 * 1024;

function resources({ cpu, cores, memoryMB, memoryMaxMB }: TaskLaunch, canLimitSwap: boolean) {
  const limit = (memoryMaxMB === 0 ? memoryMB : memoryMaxMB) * MEGABYTE;
  const most = { limit, ...(canLimitSwap && { swap: limit }) };
  return {
    devices: [{ allow: false, access: "rwm" }],
    cpu: { shares: Math.max(2, cpu), ...(cores !== null && { cpus: processorList(cores) }) },
    memory: { reservation: memoryMB * MEGABYTE, ...(memoryMaxMB !== -1 && most) },
  };
}

interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

function systemMounts({ networkNamespace }: TaskLaunch): OciMount[] {
  const memory = (destination: string, ...options: string[]) => ({
    destination,
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", ...options],
  });
  const pts = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"];
  const closed = ["nosuid", "noexec", "nodev"];
  return [
    { destination: "/proc", type: "proc", source: "proc", options: closed },
    memory("/dev", "strictatime", "mode=755", "size=64k"),
    { destination: "/dev/pts", type: "devpts", source: "devpts", options: pts },
    memory("/dev/shm", "noexec", "nodev", "mode=1777", "size=64m"),
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: closed },
    // A file system of this kind can be made only by who has a network namespace of its own.
    networkNamespace === null
      ? { destination: "/sys", type: "bind", source: "/sys", options: ["rbind", "ro", ...closed] }
      : { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro", ...closed] },
  ];
}

function taskMounts({ launch: { folder, mounts, resolvConf }, hostFolders }: ContainerParts): Mount[] {
  const host = hostFolders
    .filter(({ link }) => link === null)
    .map(({ path }) => ({ source: path, destination: path, readOnly: true }));
  const shared = { source: folder.alloc, destination: "/alloc", readOnly: false };
  const names = { source: resolvConf ?? "", destination: "/etc/resolv.conf", readOnly: true };
  return [...host, shared, ...mounts, ...(resolvConf === null ? [] : [names])];
}

function bind({ source, destination, readOnly, propagation }: Mount): OciMount {
  const spread = propagation ? [propagation] : [];
  const options = ["rbind", "nosuid", "nodev", ...(readOnly ? ["ro"] : []), ...spread];
  return { destination, type: "bind", source, options };
}

/** The host's secrets and switches in /proc and /sys, as container runtimes commonly hide them. */
const MASKED = [
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/firmware",
];
const READ_ONLY = ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
