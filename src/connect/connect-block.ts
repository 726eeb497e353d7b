import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import { type NetworkResource, port } from "#model/job/network.ts";
import { type ProxyKind, proxyKind } from "#model/job/proxy-kind.ts";
import type { Service } from "#model/job/service.ts";
import { canonical } from "#model/schema/canonical.ts";
import { withExposedChecks } from "./expose-check.ts";
import { completedGateway } from "./gateway-block.ts";
import { injectedProxy, proxyName } from "./proxy-task.ts";
import { applySidecarTask } from "./sidecar-task.ts";

/**
 * Adds what a `connect` block asks for: to each group service with a `sidecar_service` or a `gateway`, the task that
 * runs its Envoy and the ports at which that is reached. Admitting a job again changes nothing.
 *
 * A group without a network of its own is left as it is: validation says what is wrong with it.
 */
export function admitConnect(job: Job, sidecarDriver: string): Job {
  return { ...job, TaskGroups: job.TaskGroups.map((group) => admitGroup(group, sidecarDriver)) };
}

function admitGroup(group: TaskGroup, sidecarDriver: string): TaskGroup {
  const [network, ...more] = group.Networks;
  if (network === undefined || more.length > 0) return group;
  return group.Services.reduce((admitted, service) => {
    const addition = additionOf(service, network);
    return addition === null ? admitted : withAddition(admitted, service, addition, sidecarDriver);
  }, group);
}

/** What a service's `connect` block adds to its group. */
interface Addition {
  readonly kind: ProxyKind;
  /** Of ports that are made unless the group has them. */
  readonly ports: readonly string[];
  readonly service: Service;
}

function additionOf(service: Service, network: NetworkResource): Addition | null {
  const { SidecarService: sidecar, Gateway: gateway } = service.Connect ?? {};
  if (sidecar) {
    const kind: ProxyKind = { role: "proxy", service: service.Name };
    const exposed = withExposedChecks(service, sidecar, network);
    return { kind, ports: [sidecar.Port || proxyName(kind), ...exposed.ports], service: exposed.service };
  }
  return gateway ? completedGateway(service, gateway, network) : null;
}

function withAddition(
  group: TaskGroup,
  before: Service,
  { kind, ports, service }: Addition,
  driver: string,
): TaskGroup {
  const own = group.Tasks.find((task) => task.Kind === proxyKind(kind));
  const proxy = own ?? injectedProxy(group, kind, driver);
  // A proxy that was injected before already carries these overrides; laying them over it again is harmless.
  const customised = applySidecarTask(proxy, service.Connect?.SidecarTask ?? null);
  return {
    ...group,
    Services: group.Services.map((each) => (each === before ? service : each)),
    Tasks: own ? group.Tasks.map((task) => (task === own ? customised : task)) : [...group.Tasks, customised],
    Networks: group.Networks.map((network) => ports.reduce(withPort, network)),
  };
}

function withPort(network: NetworkResource, label: string): NetworkResource {
  const known = [...network.DynamicPorts, ...network.ReservedPorts].some((port) => port.Label === label);
  if (known || /^\d+$/.test(label)) return network;
  return { ...network, DynamicPorts: [...network.DynamicPorts, canonical(port, { Label: label, To: -1 })] };
}
