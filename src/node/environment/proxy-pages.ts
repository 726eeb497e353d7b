import type { AllocatedPort } from "#model/allocation.ts";
import type { TaskGroup } from "#model/job/group.ts";
import { readProxyKind } from "#model/job/proxy-kind.ts";
import type { Task } from "#model/job/task.ts";

const ADMIN_PORT = 19_000;
const READY_PORT = 19_100;

interface Page {
  readonly address: string;
  readonly port: number;
}

/** Where the Envoy of a task serves its admin and ready pages. */
export interface ProxyPages {
  readonly admin: Page;
  readonly ready: Page;
}

/**
 * Each proxy of a group has ports of its own; where it shares the host's network with other groups, that of its
 * service, which nobody else can have.
 */
export function proxyPages(
  group: TaskGroup,
  task: Task,
  ports: readonly AllocatedPort[],
  isInHostNetwork: boolean,
): ProxyPages {
  const index = group.Tasks.indexOf(task);
  const own = isInHostNetwork ? servicePort(group, task, ports) : 0;
  return {
    admin: { address: "127.0.0.2", port: own || ADMIN_PORT + index },
    ready: { address: "127.0.0.1", port: own || READY_PORT + index },
  };
}

function servicePort({ Services }: TaskGroup, { Kind }: Task, ports: readonly AllocatedPort[]): number {
  const name = readProxyKind(Kind)?.service;
  const label = Services.find(({ Name }) => Name === name)?.PortLabel ?? "";
  return ports.find(({ Label }) => Label === label)?.Value ?? (Number(label) || 0);
}
