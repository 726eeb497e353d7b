import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { arch, availableParallelism, cpus, hostname, networkInterfaces, release, totalmem } from "node:os";
import { ENVOY_VERSION } from "#model/envoy-binary.ts";
import type { DriverInfo, NodeResources } from "#model/node.ts";
import { CONSUL_VERSION } from "#model/version.ts";
import type { Driver } from "./drivers/driver.ts";
import { usableProcessors } from "./host/processors.ts";

const MEGABYTE = 1024 * 1024;

/**
 * The versions whose behaviour jobs may rely on here. Nomad adds constraints on them to every job with a
 * service or a proxy; its users write some themselves.
 */
const COMPATIBLE: Readonly<Record<string, string>> = {
  "nomad.version": "2.0.0",
  "nomad.service_discovery": "true",
  "consul.version": CONSUL_VERSION,
  "consul.grpc": "8502",
  "consul.connect": "true",
  ...Object.fromEntries(
    ["bridge", "firewall", "host-local", "loopback", "portmap"].map((plugin) => [
      `plugins.cni.version.${plugin}`,
      "1.6.0",
    ]),
  ),
};

/** Settings of proxies that jobs refer to as `${meta.connect.…}`. */
export const defaultMeta: Readonly<Record<string, string>> = {
  "connect.log_level": "info",
  "connect.proxy_concurrency": "1",
  "connect.sidecar_image": `docker.io/envoyproxy/envoy:v${ENVOY_VERSION}`,
  "connect.gateway_image": `docker.io/envoyproxy/envoy:v${ENVOY_VERSION}`,
};

export interface Fingerprint {
  readonly attributes: Readonly<Record<string, string>>;
  readonly resources: NodeResources;
}

/** What the machine is, as constraints ask of it. */
export async function fingerprint(dataFolder: string, address: string): Promise<Fingerprint> {
  const processors = await usableProcessors();
  const cores = processors.length || availableParallelism();
  const megahertz = await clockRate();
  const disk = await statfs(dataFolder);
  const memory = Math.floor(totalmem() / MEGABYTE);
  const freeDisk = Math.floor((disk.bavail * disk.bsize) / MEGABYTE);
  return {
    attributes: {
      ...COMPATIBLE,
      ...(await systemAttributes()),
      "cpu.arch": ARCHITECTURES[arch()] ?? arch(),
      "cpu.numcores": String(cores),
      "cpu.reservablecores": String(processors.length),
      "cpu.frequency": String(megahertz),
      "cpu.totalcompute": String(cores * megahertz),
      "cpu.modelname": cpus()[0]?.model ?? "",
      "memory.totalbytes": String(totalmem()),
      "os.signals": SIGNALS,
      "unique.hostname": hostname(),
      "unique.network.ip-address": address,
      "unique.storage.bytesfree": String(disk.bavail * disk.bsize),
      "unique.storage.bytestotal": String(disk.blocks * disk.bsize),
      "unique.storage.volume": dataFolder,
      "unique.cgroup.mountpoint": "/sys/fs/cgroup",
      "unique.cgroup.version": existsSync("/sys/fs/cgroup/cgroup.procs") ? "v2" : "v1",
    },
    resources: {
      Cpu: { CpuShares: cores * megahertz, TotalCpuCores: cores, ReservableCpuCores: processors },
      Memory: { MemoryMB: memory },
      Disk: { DiskMB: freeDisk },
      MinDynamicPort: 20_000,
      MaxDynamicPort: 32_000,
    },
  };
}

/** Go's names, which jobs use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

const SIGNALS =
  "SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGKILL,SIGPIPE,SIGPROF,SIGQUIT," +
  "SIGSEGV,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGWINCH,SIGXCPU,SIGXFSZ";

async function systemAttributes(): Promise<Record<string, string>> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  return {
    "kernel.name": "linux",
    "kernel.arch": arch() === "x64" ? "x86_64" : arch() === "arm64" ? "aarch64" : arch(),
    "kernel.version": release(),
    "os.name": field("ID"),
    "os.version": field("VERSION_ID"),
  };
}

/** MHz: the highest that the processor reaches, or what it runs at where it does not say, as in virtual machines. */
async function clockRate(): Promise<number> {
  const [highest, all] = await Promise.all(
    ["/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "/proc/cpuinfo"].map((file) =>
      readFile(file, "utf8").catch(() => ""),
    ),
  );
  const now = /^cpu MHz\s*:\s*(\d+)/m.exec(all ?? "")?.[1];
  return Math.floor(Number(highest) / 1000) || Number(now ?? 0) || UNKNOWN_CLOCK_RATE;
}

/** Where nothing tells, as in some virtual machines of other processors. */
const UNKNOWN_CLOCK_RATE = 1000;

export async function driverInfos(
  drivers: Readonly<Record<string, Driver>>,
): Promise<Record<string, DriverInfo>> {
  const infos = await Promise.all(
    Object.entries(drivers).map(async ([name, driver]): Promise<[string, DriverInfo]> => {
      const obstacle = await driver.obstacle();
      const isFine = obstacle === null;
      return [name, { Detected: isFine, Healthy: isFine, HealthDescription: obstacle ?? "Healthy" }];
    }),
  );
  return Object.fromEntries(infos);
}

/** `driver.<name>` for those that work, as constraints ask for them; `driver.<name>.reason` for the others. */
export function driverAttributes(infos: Readonly<Record<string, DriverInfo>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(infos).map(([name, { Healthy, HealthDescription }]) =>
      Healthy ? [`driver.${name}`, "1"] : [`driver.${name}.reason`, HealthDescription],
    ),
  );
}

/** The IPv4 address by which the machine reaches others; null when it has but its loopback. */
export async function defaultAddress(): Promise<string | null> {
  const routes = await readFile("/proc/net/route", "utf8").catch(() => "");
  const usual = routes
    .split("\n")
    .map((line) => line.split("\t"))
    .find(([, destination]) => destination === "00000000")?.[0];
  const all = networkInterfaces();
  const names = usual === undefined ? Object.keys(all) : [usual, ...Object.keys(all)];
  const addresses = names.flatMap((name) => all[name] ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? null;
}
