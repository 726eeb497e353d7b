import type { TaskGroup } from "#model/job/group.ts";
import { type Task, task } from "#model/job/task.ts";
import { canonical } from "#model/schema/canonical.ts";
import { second } from "#model/schema/duration.ts";

export function proxyName(service: string): string {
  return `connect-proxy-${service}`;
}

/**
 * The task that runs a service's Envoy: the node's own binary under the `exec` driver, started before the
 * group's tasks and ended after them. `${meta.connect.…}` are settings of the node.
 */
export function injectedProxy(group: TaskGroup, service: string): Task {
  return canonical(task, {
    Name: unusedName(group, proxyName(service)),
    Kind: `connect-proxy:${service}`,
    Driver: "exec",
    Config: {
      command: "envoy",
      args: [
        "-c",
        "${NOMAD_SECRETS_DIR}/envoy_bootstrap.json",
        "-l",
        "${meta.connect.log_level}",
        "--concurrency",
        "${meta.connect.proxy_concurrency}",
        "--disable-hot-restart",
      ],
    },
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
