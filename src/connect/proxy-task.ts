import type { TaskGroup } from "#model/job/group.ts";
import { type Task, task } from "#model/job/task.ts";
import { canonical } from "#model/schema/canonical.ts";
import { second } from "#model/schema/duration.ts";

export function proxyName(service: string): string {
  return `connect-proxy-${service}`;
}

/** Drivers that run the node's own Envoy. */
const OF_THE_NODE: readonly string[] = ["exec", "raw_exec"];

/** How a driver runs an Envoy: as a program of the node, or from an image. `${meta.connect.…}` are the node's. */
export function proxyConfig(driver: string): Task["Config"] {
  const envoy = OF_THE_NODE.includes(driver)
    ? { command: "envoy" }
    : { image: "${meta.connect.sidecar_image}" };
  return {
    ...envoy,
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

/** The task that runs a service's Envoy, started before the group's tasks and ended after them. */
export function injectedProxy(group: TaskGroup, service: string, driver: string): Task {
  return canonical(task, {
    Name: unusedName(group, proxyName(service)),
    Kind: `connect-proxy:${service}`,
    Driver: driver,
    Config: proxyConfig(driver),
    Resources: { CPU: 250, MemoryMB: 128 },
    LogConfig: { MaxFiles: 2, MaxFileSizeMB: 2 },
    ShutdownDelay: 5 * second,
    Lifecycle: { Hook: "prestart", Sidecar: true },
    // A proxy is part of the network: it comes back at once and always.
    RestartPolicy: { Attempts: 20, Interval: 10 * second, Delay: second / 10, Mode: "delay" },
  });
}

function unusedName(group: TaskGroup, wanted: string): string {
  const taken = new Set(group.Tasks.map((task) => task.Name));
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  return name;
}
