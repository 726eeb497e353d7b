import { bootstrapKeys, proxyConfigOf } from "#model/config-entry/proxy-config.ts";
import { boundUpstreams, upstreamVariables } from "#model/job/bound-upstreams.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Service } from "#model/job/service.ts";
import type { Task } from "#model/job/task.ts";

/**
 * Whether a group's tasks, network, volumes and facts are the same in two versions of a job, so that an
 * allocation of the one can go on under the other. How many there are, where they may be placed, how they are
 * updated, under which names and checks they are found, and what their proxies are told while they run makes no
 * difference to one that runs.
 */
export function sameWork(before: Job, after: Job, groupName: string): boolean {
  const [old, now] = [before, after].map((job) => job.TaskGroups.find((group) => group.Name === groupName));
  if (old === undefined || now === undefined) return false;
  return (
    JSON.stringify([before.Meta, work(old)]) === JSON.stringify([after.Meta, work(now)]) &&
    keepsAddresses(old, now)
  );
}

function work(group: TaskGroup): unknown {
  return {
    Tasks: group.Tasks.map(taskWork),
    Networks: group.Networks,
    Proxies: group.Services.map(proxyWork),
    Redirection: redirection(group),
    Volumes: group.Volumes,
    EphemeralDisk: group.EphemeralDisk,
    Meta: group.Meta,
  };
}

/** What a proxy is known by, and what it reads but once: everything else is told to it while it runs. */
function proxyWork({ Name, PortLabel, Connect }: Service): unknown {
  if (Connect === null) return null;
  const { Native, Gateway, SidecarService } = Connect;
  const config = proxyConfigOf((SidecarService ?? Gateway)?.Proxy?.Config ?? {});
  return [
    ...[Name, PortLabel, Native, Gateway !== null, SidecarService?.Port],
    ...bootstrapKeys.map((key) => config[key]),
  ];
}

/** The rules by which packets come to a transparent proxy are made once. */
function redirection({ Services, Tasks }: TaskGroup): unknown {
  const proxies = Services.flatMap(({ Connect }) => Connect?.SidecarService?.Proxy ?? []);
  const transparent = proxies.filter(({ TransparentProxy }) => TransparentProxy !== null);
  if (transparent.length === 0) return null;
  const plain = [...Services, ...Tasks.flatMap((task) => task.Services)].filter(
    ({ Connect }) => Connect === null,
  );
  return [
    transparent.map(({ TransparentProxy, Expose }) => [
      TransparentProxy,
      Expose?.Paths.map(({ ListenerPort }) => ListenerPort),
    ]),
    plain.map(({ PortLabel }) => PortLabel),
  ];
}

/** Tasks have read where their upstreams are: those that stay must be there still. */
function keepsAddresses(before: TaskGroup, after: TaskGroup): boolean {
  const [old, now] = [before, after].map((group) => {
    const ports = group.Networks.flatMap(({ ReservedPorts, DynamicPorts }) => [
      ...ReservedPorts,
      ...DynamicPorts,
    ]);
    return upstreamVariables(boundUpstreams(group, ports));
  });
  return Object.entries(old ?? {}).every(([name, value]) => (now?.[name] ?? value) === value);
}

/** The same of one task. */
export function sameTaskWork(before: Task, after: Task): boolean {
  return JSON.stringify(taskWork(before)) === JSON.stringify(taskWork(after));
}

/** What is looked up only when the task ends or is restarted, or when somebody asks for it, may be another by then. */
function taskWork(task: Task): unknown {
  return { ...task, ...NOT_WORK };
}

const NOT_WORK: Partial<Record<keyof Task, null>> = {
  ...{ Constraints: null, Affinities: null, RestartPolicy: null, Services: null, Actions: null },
  ...{ KillTimeout: null, KillSignal: null, ShutdownDelay: null, Leader: null },
};
