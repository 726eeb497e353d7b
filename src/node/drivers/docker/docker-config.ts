import type { Json } from "#model/schema/schema.ts";
import { ConfigReader } from "../config-reader.ts";

export type DockerConfig = ReturnType<typeof readKeys>;
export type DockerMount = DockerConfig["mounts"][number];

/** The `config` block of a docker task, in the words of Nomad's users. */
export function readDockerConfig(config: Readonly<Record<string, Json>>): DockerConfig {
  const reader = new ConfigReader(config);
  const read = readKeys(reader);
  reader.finish();
  if (read.image === "")
    throw reader.error("image", 'is missing: give the image that the task runs, such as "nginx:1.27"');
  return read;
}

function readKeys(reader: ConfigReader) {
  return {
    image: (reader.text("image") ?? "").replace(/^(docker|https?):\/\//, ""),
    load: reader.text("load"),
    forcePull: reader.flag("force_pull") ?? false,
    /** Milliseconds. */
    pullTimeout: reader.duration("image_pull_timeout") ?? 5 * 60_000,
    auth: reader.blocks("auth", readAuth)[0] ?? null,
    authSoftFail: reader.flag("auth_soft_fail") ?? false,
    command: reader.text("command"),
    args: reader.texts("args"),
    entrypoint: readEntrypoint(reader),
    workDir: reader.text("work_dir"),
    hostname: reader.text("hostname"),
    init: reader.flag("init") ?? false,
    interactive: reader.flag("interactive") ?? false,
    tty: reader.flag("tty") ?? false,
    labels: reader.map("labels"),
    mounts: [...reader.blocks("mount", readMount), ...reader.blocks("mounts", readMount)],
    volumes: reader.texts("volumes"),
    volumeDriver: reader.text("volume_driver"),
    devices: reader.blocks("devices", readDevice),
    capAdd: reader.texts("cap_add"),
    capDrop: reader.texts("cap_drop"),
    privileged: reader.flag("privileged") ?? false,
    readonlyRootfs: reader.flag("readonly_rootfs") ?? false,
    securityOptions: reader.texts("security_opt"),
    sysctl: reader.map("sysctl"),
    ulimits: reader.map("ulimit"),
    shmSize: reader.number("shm_size"),
    storageOptions: reader.map("storage_opt"),
    pidsLimit: reader.number("pids_limit"),
    cpusetCpus: reader.text("cpuset_cpus"),
    cpuHardLimit: reader.flag("cpu_hard_limit") ?? false,
    cpuPeriod: reader.number("cpu_cfs_period"),
    memoryHardLimit: reader.number("memory_hard_limit"),
    oomScoreAdjustment: reader.number("oom_score_adj"),
    groupAdd: reader.texts("group_add"),
    runtime: reader.text("runtime"),
    cgroupNamespace: reader.text("cgroupns"),
    ipcMode: reader.text("ipc_mode"),
    pidMode: reader.text("pid_mode"),
    userNamespace: reader.text("userns_mode"),
    utsMode: reader.text("uts_mode"),
    networkMode: reader.text("network_mode"),
    networkAliases: reader.texts("network_aliases"),
    macAddress: reader.text("mac_address"),
    ipv4Address: reader.text("ipv4_address"),
    ipv6Address: reader.text("ipv6_address"),
    ports: reader.texts("ports"),
    dnsServers: reader.texts("dns_servers"),
    dnsSearches: reader.texts("dns_search_domains"),
    dnsOptions: reader.texts("dns_options"),
    extraHosts: reader.texts("extra_hosts"),
    logging: reader.blocks("logging", readLogging)[0] ?? null,
    isHealthcheckOff: reader.blocks("healthchecks", (block) => block.flag("disable") ?? false).includes(true),
  };
}

/** A text, or a list of texts. */
function readEntrypoint(reader: ConfigReader): string[] | null {
  const words = reader.textOrTexts("entrypoint");
  return words.length === 0 ? null : words;
}

function readAuth(block: ConfigReader) {
  return {
    username: block.text("username") ?? "",
    password: block.text("password") ?? "",
    email: block.text("email") ?? "",
    serverAddress: block.text("server_address") ?? "",
  };
}

function readLogging(block: ConfigReader) {
  return { driver: block.text("type") ?? block.text("driver") ?? "json-file", options: block.map("config") };
}

function readDevice(block: ConfigReader) {
  const host = block.text("host_path") ?? "";
  if (host === "") throw block.error("host_path", "is missing: give the path of the device on the node");
  return {
    host,
    container: block.text("container_path") ?? host,
    permissions: block.text("cgroup_permissions") ?? "rwm",
  };
}

const MOUNT_TYPES: readonly string[] = ["bind", "volume", "tmpfs"];

function readMount(block: ConfigReader) {
  const type = block.text("type") ?? "volume";
  const target = block.text("target") ?? "";
  if (!MOUNT_TYPES.includes(type)) throw block.error("type", `must be one of ${MOUNT_TYPES.join(", ")}`);
  if (target === "") throw block.error("target", "is missing: give the path inside the container");
  return {
    type,
    target,
    source: block.text("source") ?? "",
    readOnly: block.flag("readonly") ?? false,
    propagation: block.blocks("bind_options", (options) => options.text("propagation"))[0] ?? null,
    volume: block.blocks("volume_options", readVolumeOptions)[0] ?? null,
    tmpfs: block.blocks("tmpfs_options", (options) => ({
      size: options.number("size"),
      mode: options.number("mode"),
    }))[0],
  };
}

function readVolumeOptions(block: ConfigReader) {
  return {
    noCopy: block.flag("no_copy") ?? false,
    labels: block.map("labels"),
    driver: block.blocks("driver_config", (driver) => ({
      name: driver.text("name") ?? "",
      options: driver.map("options"),
    }))[0],
  };
}
