import type { TaskGroup } from "#model/job/group.ts";
import { type ProxyKind, type ProxyRole, proxyKind } from "#model/job/proxy-kind.ts";
import { type Task, task } from "#model/job/task.ts";
import { canonical } from "#model/schema/canonical.ts";
import { second } from "#model/schema/duration.ts";

export function proxyName({ role, service }: ProxyKind): string {
  return `connect-${role}-${service}`;
}

/** Drivers that run the node's own Envoy. */
const OF_THE_NODE: readonly string[] = ["exec", "raw_exec"];

/** How a driver runs an Envoy: as a program of the node, or from an image. `${meta.connect.…}` are the node's. */
export function proxyConfig(driver: string, role: ProxyRole): Task["Config"] {
  const image = role === "proxy" ? "${meta.connect.sidecar_image}" : "${meta.connect.gateway_image}";
  return {
    ...(OF_THE_NODE.includes(driver) ? { command: "envoy" } : { image }),
    args: [
      "-c",
      "${NOMAD_SECRETS_DIR}/envoy_bootstrap.json",
      "-l",
      "${meta.connect.log_level}",
      "--concurrency",
      "${meta.connect.proxy_concurrency}",
      "--disable-hot-restart",
    ],
  };
}

/**
 * The task that runs an Envoy. That of a service starts before the group's tasks and ends after them; a gateway's
 * is a main task itself.
 */
export function injectedProxy(group: TaskGroup, kind: ProxyKind, driver: string): Task {
  return canonical(task, {
    Name: unusedName(group, proxyName(kind)),
    Kind: proxyKind(kind),
    Driver: driver,
    Config: { ...proxyConfig(driver, kind.role), ...hostNetwork(group, driver) },
    Resources: { CPU: 250, MemoryMB: 128 },
    LogConfig: { MaxFiles: 2, MaxFileSizeMB: 2 },
    ShutdownDelay: 5 * second,
    Lifecycle: kind.role === "proxy" ? { Hook: "prestart", Sidecar: true } : null,
    // A proxy is part of the network: it comes back at once and always.
    RestartPolicy: { Attempts: 20, Interval: 10 * second, Delay: second / 10, Mode: "delay" },
  });
}

/** A container is in the host's network only when told so. */
function hostNetwork({ Networks }: TaskGroup, driver: string): Task["Config"] {
  return Networks[0]?.Mode === "host" && !OF_THE_NODE.includes(driver) ? { network_mode: "host" } : {};
}

function unusedName(group: TaskGroup, wanted: string): string {
  const taken = new Set(group.Tasks.map((task) => task.Name));
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  return name;
}
