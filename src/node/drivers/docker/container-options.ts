import { isAbsolute } from "node:path";
import type { TaskFolder } from "../../allocation/folders.ts";
import { root } from "../../host/accounts.ts";
import { processorList } from "../../host/processors.ts";
import { capabilities } from "../capabilities.ts";
import { StartError, type TaskLaunch } from "../driver.ts";
import type { DockerConfig, DockerMount } from "./docker-config.ts";
import { taskPath } from "./task-path.ts";

export interface ContainerParts {
  readonly launch: TaskLaunch;
  /** With the sources of mounts as paths of the host: {@link withHostPaths}. */
  readonly config: DockerConfig;
  /** The container whose network this one shares; null for a network of the daemon's. */
  readonly networkOf: string | null;
  /** Files of the host that stand for /etc/resolv.conf and /etc/hosts. */
  readonly files: readonly { readonly source: string; readonly destination: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly mayBePrivileged: boolean;
}

/** Finds where on the host relative sources of volumes and mounts are. */
export async function withHostPaths(config: DockerConfig, folder: TaskFolder): Promise<DockerConfig> {
  const mounts = config.mounts.map(async (mount) =>
    mount.type === "bind" ? { ...mount, source: await taskPath(mount.source, folder) } : mount,
  );
  const volumes = config.volumes.map((volume) => volumeOnHost(volume, config.volumeDriver !== null, folder));
  return { ...config, mounts: await Promise.all(mounts), volumes: await Promise.all(volumes) };
}

/** `source:target[:options]`. With a volume driver a source that is no path is the name of a volume. */
async function volumeOnHost(text: string, hasDriver: boolean, folder: TaskFolder): Promise<string> {
  const [source = "", target = "", ...options] = text.split(":");
  if (!isAbsolute(target))
    throw new StartError(`config: "volumes" must be a list of source:target[:options], not "${text}"`);
  const isName = hasDriver && !source.includes("/");
  return [isName ? source : await taskPath(source, folder), target, ...options].join(":");
}

const MEGABYTE = 1024 * 1024;
/** Microseconds; the kernel's default. */
const CPU_PERIOD = 100_000;
const MHZ_PER_CORE = 1000;

/** From a task to what the Engine API makes a container of (`POST /containers/create`). */
export function containerOptions(parts: ContainerParts) {
  const { launch, config, labels } = parts;
  refusePrivileges(parts);
  const { user, group } = identityOf(launch);
  return {
    Image: config.image,
    ...commandOf(config),
    Env: Object.entries({ ...group, ...launch.environment }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...config.labels, ...labels },
    ...(user !== "" && { User: user }),
    ...(config.workDir !== null && { WorkingDir: config.workDir }),
    ...(config.hostname !== null && parts.networkOf === null && { Hostname: config.hostname }),
    ...(config.macAddress !== null && { MacAddress: config.macAddress }),
    ...(config.isHealthcheckOff && { Healthcheck: { Test: ["NONE"] } }),
    Tty: config.tty,
    OpenStdin: config.interactive,
    ExposedPorts: Object.fromEntries(Object.keys(portBindings(parts)).map((port) => [port, {}])),
    HostConfig: hostConfig(parts),
    ...networkingConfig(config),
  };
}

/** A proxy has a group of its own, also where Envoy's usual image changes the user that it was started as. */
function identityOf({ user, account: { gid } }: TaskLaunch) {
  if (gid === root.gid || user.includes(":")) return { user, group: {} };
  return { user: `${user || root.uid}:${gid}`, group: { ENVOY_GID: String(gid) } };
}

function refusePrivileges({ config, mayBePrivileged }: ContainerParts): void {
  if (config.privileged && !mayBePrivileged) {
    throw new StartError(
      'config: "privileged" is not allowed on this node: its agent must run with -docker-allow-privileged',
    );
  }
}

/** `command` and `args` follow the image's entrypoint, as in Nomad: without a command the arguments do alone. */
function commandOf({ command, args, entrypoint }: DockerConfig) {
  const words = command === null ? args : [command, ...args];
  return {
    ...(entrypoint !== null && { Entrypoint: entrypoint }),
    ...(words.length > 0 && { Cmd: words }),
  };
}

function hostConfig(parts: ContainerParts) {
  const { launch, config, mayBePrivileged } = parts;
  return {
    Binds: binds(parts),
    Mounts: config.mounts.map(mountOf),
    NetworkMode: networkMode(parts),
    PortBindings: portBindings(parts),
    ...limits(launch, config),
    CapDrop: config.privileged ? [] : ["ALL"],
    CapAdd: config.privileged ? [] : capabilities(config, mayBePrivileged).map((name) => name.slice(4)),
    Privileged: config.privileged,
    ReadonlyRootfs: config.readonlyRootfs,
    SecurityOpt: config.securityOptions,
    Sysctls: config.sysctl,
    Devices: config.devices.map(({ host, container, permissions }) => ({
      PathOnHost: host,
      PathInContainer: container,
      CgroupPermissions: permissions,
    })),
    StorageOpt: config.storageOptions,
    ...(config.init && { Init: true }),
    GroupAdd: config.groupAdd,
    VolumeDriver: config.volumeDriver ?? "",
    LogConfig: { Type: config.logging?.driver ?? "json-file", Config: logOptions(config) },
    ...given({
      Runtime: config.runtime,
      CgroupnsMode: config.cgroupNamespace,
      IpcMode: config.ipcMode,
      PidMode: config.pidMode,
      UsernsMode: config.userNamespace,
      UTSMode: config.utsMode,
    }),
    ...(parts.networkOf === null && {
      Dns: config.dnsServers,
      DnsSearch: config.dnsSearches,
      DnsOptions: config.dnsOptions,
      ExtraHosts: config.extraHosts,
    }),
    // The node decides when a task is started again.
    RestartPolicy: { Name: "no" },
  };
}

function networkMode({ config, networkOf }: ContainerParts): string {
  if (networkOf !== null) return `container:${networkOf}`;
  return config.networkMode ?? "default";
}

function networkingConfig(config: DockerConfig) {
  const { networkMode: name, networkAliases, ipv4Address, ipv6Address } = config;
  if (name === null || (networkAliases.length === 0 && ipv4Address === null && ipv6Address === null))
    return {};
  const IPAMConfig = given({ IPv4Address: ipv4Address, IPv6Address: ipv6Address });
  return { NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: networkAliases, IPAMConfig } } } };
}

/** The ports that `ports` names, on a network of the daemon's. The node maps those of an allocation's own network. */
function portBindings({ config, launch, networkOf }: ContainerParts) {
  if (networkOf !== null) return {};
  const bindings = config.ports.flatMap((label) => {
    const port = launch.ports.find(({ Label }) => Label === label);
    if (port === undefined) {
      const known = launch.ports.map(({ Label }) => Label).join(", ") || "none";
      throw new StartError(
        `config: "ports" names "${label}", which is no port of the group (it has ${known})`,
      );
    }
    const inside = port.To > 0 ? port.To : port.Value;
    const binding = [{ HostIp: port.HostIP, HostPort: String(port.Value) }];
    return ["tcp", "udp"].map((protocol) => [`${inside}/${protocol}`, binding] as const);
  });
  return Object.fromEntries(bindings);
}

function limits({ cpu, cores, memoryMB, memoryMaxMB }: TaskLaunch, config: DockerConfig) {
  const most = memoryMaxMB > 0 ? memoryMaxMB : memoryMB;
  const hard = Math.max(most, config.memoryHardLimit ?? 0) * MEGABYTE;
  const period = config.cpuPeriod ?? CPU_PERIOD;
  return {
    CpuShares: Math.max(2, cpu),
    ...(config.cpuHardLimit && {
      CpuPeriod: period,
      CpuQuota: Math.max(1000, Math.floor((cpu / MHZ_PER_CORE) * period)),
    }),
    CpusetCpus: config.cpusetCpus ?? processorList(cores ?? []),
    // No swap: a task that uses more than it may is ended, not slowed down.
    ...(memoryMaxMB !== -1 && { Memory: hard, MemorySwap: hard }),
    ...(hard > memoryMB * MEGABYTE && { MemoryReservation: memoryMB * MEGABYTE }),
    ...given({
      PidsLimit: config.pidsLimit,
      ShmSize: config.shmSize,
      OomScoreAdj: config.oomScoreAdjustment,
    }),
    Ulimits: Object.entries(config.ulimits).map(([name, text]) => ulimit(name, text)),
  };
}

/** `soft:hard`, or one number for both. */
function ulimit(Name: string, text: string) {
  const [Soft = Number.NaN, Hard = Soft] = text.split(":").map(Number);
  if (!Number.isInteger(Soft) || !Number.isInteger(Hard))
    throw new StartError(`config.ulimit: "${Name}" must be a number, or soft:hard, not "${text}"`);
  return { Name, Soft, Hard };
}

/** What the daemon itself keeps of the output is bounded: the node has copied it long before. */
function logOptions({ logging }: DockerConfig): Record<string, string> {
  if (logging !== null && Object.keys(logging.options).length > 0) return logging.options;
  return logging === null || logging.driver === "json-file" ? { "max-file": "2", "max-size": "20m" } : {};
}

function binds({ launch, config, files }: ContainerParts): string[] {
  const { folder, mounts } = launch;
  return [
    `${folder.alloc}:/alloc`,
    `${folder.local}:/local`,
    `${folder.secrets}:/secrets`,
    ...mounts.map((mount) => {
      const options = [mount.readOnly ? "ro" : "rw", ...(mount.propagation ? [mount.propagation] : [])];
      return `${mount.source}:${mount.destination}:${options.join(",")}`;
    }),
    ...files.map(({ source, destination }) => `${source}:${destination}:ro`),
    ...config.volumes,
  ];
}

function mountOf(mount: DockerMount) {
  const { type, target, source, readOnly, propagation, volume, tmpfs } = mount;
  return {
    Type: type,
    Target: target,
    ReadOnly: readOnly,
    ...(type !== "tmpfs" && { Source: source }),
    ...(propagation !== null && { BindOptions: { Propagation: propagation } }),
    ...(volume !== null && {
      VolumeOptions: {
        NoCopy: volume.noCopy,
        Labels: volume.labels,
        ...(volume.driver && {
          DriverConfig: { Name: volume.driver.name, Options: volume.driver.options },
        }),
      },
    }),
    ...(tmpfs !== undefined && { TmpfsOptions: given({ SizeBytes: tmpfs.size, Mode: tmpfs.mode }) }),
  };
}

function given<Values extends object>(
  values: Values,
): Partial<{ [Key in keyof Values]: NonNullable<Values[Key]> }> {
  const entries = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as Partial<{ [Key in keyof Values]: NonNullable<Values[Key]> }>;
}
