import type { SidecarService } from "#model/job/connect.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import { type NetworkResource, port } from "#model/job/network.ts";
import type { Service } from "#model/job/service.ts";
import { canonical } from "#model/schema/canonical.ts";
import { injectedProxy, proxyName } from "./proxy-task.ts";
import { applySidecarTask } from "./sidecar-task.ts";

/**
 * Adds what a `connect` block asks for: to each group service with a `sidecar_service`, the task that runs
 * its Envoy and the port at which other proxies reach it. Admitting a job again changes nothing.
 *
 * A group without a network of its own is left as it is: validation says what is wrong with it.
 */
export function admitConnect(job: Job, sidecarDriver: string): Job {
  return { ...job, TaskGroups: job.TaskGroups.map((group) => admitGroup(group, sidecarDriver)) };
}

function admitGroup(group: TaskGroup, sidecarDriver: string): TaskGroup {
  const [network, ...more] = group.Networks;
  if (network === undefined || more.length > 0) return group;
  return group.Services.reduce((admitted, service) => admitService(admitted, service, sidecarDriver), group);
}

function admitService(group: TaskGroup, service: Service, sidecarDriver: string): TaskGroup {
  const sidecar = service.Connect?.SidecarService;
  if (!sidecar) return group;
  const kind = `connect-proxy:${service.Name}`;
  const own = group.Tasks.find((task) => task.Kind === kind);
  const proxy = own ?? injectedProxy(group, service.Name, sidecarDriver);
  // A proxy that was injected before already carries these overrides; laying them over it again is harmless.
  const customised = applySidecarTask(proxy, service.Connect?.SidecarTask ?? null);
  return {
    ...group,
    Tasks: own ? group.Tasks.map((task) => (task === own ? customised : task)) : [...group.Tasks, customised],
    Networks: group.Networks.map((network) => withProxyPort(network, proxyPortLabel(service, sidecar))),
  };
}

/** The label of the port at which a service's proxy is reached, or its number where the job gives one. */
export function proxyPortLabel(service: Pick<Service, "Name">, sidecar: SidecarService): string {
  return sidecar.Port || proxyName(service.Name);
}

function withProxyPort(network: NetworkResource, label: string): NetworkResource {
  const known = [...network.DynamicPorts, ...network.ReservedPorts].some((port) => port.Label === label);
  if (known || /^\d+$/.test(label)) return network;
  return { ...network, DynamicPorts: [...network.DynamicPorts, canonical(port, { Label: label, To: -1 })] };
}
