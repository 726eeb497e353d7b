import type { ServiceInstance } from "#model/catalog.ts";
import type { Service } from "#model/job/service.ts";
import type { PlannedCheck } from "../checks/allocation-checks.ts";
import { interpolate, interpolateValues } from "../environment/interpolation.ts";
import type { AllocationServices, AssignedAllocation } from "../server-link.ts";
import { gatewayInstance } from "./gateway.ts";
import { listeningCheck, plannedCheck } from "./planned-checks.ts";
import { locate, type ServicePlace, type ServicePort } from "./service-place.ts";
import { sidecarInstance, sidecarPort } from "./sidecar.ts";

/** What an allocation puts into the catalog, and how the statuses in it are found. */
export interface PlannedServices {
  readonly instances: readonly ServiceInstance[];
  readonly checks: readonly PlannedCheck[];
}

/** All services of an allocation: those of its group, each with its proxy, and those of its tasks. */
export function plannedServices(place: ServicePlace): PlannedServices {
  const { group } = place;
  const planned = [
    ...group.Services.map((service) => plan(place, service, null)),
    ...group.Tasks.flatMap((task) => task.Services.map((service) => plan(place, service, task.Name))),
  ];
  return {
    instances: planned.flatMap(({ instances }) => instances),
    checks: planned.flatMap(({ checks }) => checks),
  };
}

export function registration({ instances, checks }: PlannedServices): AllocationServices {
  return { instances, checks: checks.map(({ record }) => record) };
}

/** Nomad's form: by it Consul's users know the instances of their jobs. */
function serviceId(allocation: AssignedAllocation, owner: string, name: string, port: string): string {
  return `_nomad-task-${allocation.ID}-${owner}-${name}-${port}`;
}

/** `owner` is the task; null for a service of the group. */
function plan(place: ServicePlace, service: Service, owner: string | null): PlannedServices {
  const port = locate(place, service.PortLabel, service.AddressMode);
  const plain = instanceOf(place, service, owner ?? `group-${place.group.Name}`, port);
  const gateway = service.Connect?.Gateway ?? null;
  const instance = gateway === null ? plain : gatewayInstance(place, service, gateway, plain, port);
  const checks = service.Checks.map((check) => plannedCheck(place, service, instance, check, owner));
  const sidecar = service.Connect?.SidecarService ?? null;
  if (sidecar === null) {
    const isOurs = port.inside > 0 && service.Address === "";
    const listening = isOurs ? [listeningCheck(instance, "Service", port.inside, null)] : [];
    return { instances: [instance], checks: [...checks, ...listening] };
  }
  const proxy = sidecarInstance(place, service, sidecar, instance, port);
  return {
    instances: [instance, proxy],
    checks: [
      ...checks,
      ...behindProxy(instance, proxy),
      ...(sidecar.DisableDefaultTCPCheck
        ? []
        : [listeningCheck(proxy, "Connect Sidecar", sidecarPort(place, service, sidecar).inside, null)]),
    ],
  };
}

/** A service without a port only calls others: its proxy has nothing to hand requests to. */
function behindProxy(instance: ServiceInstance, { Proxy: proxy }: ServiceInstance): PlannedCheck[] {
  if (proxy === null || proxy.LocalServicePort === 0) return [];
  return [listeningCheck(instance, "Service", proxy.LocalServicePort, proxy.LocalServiceAddress)];
}

function instanceOf(
  { allocation, node, references }: ServicePlace,
  service: Service,
  owner: string,
  port: ServicePort,
): ServiceInstance {
  const name = interpolate(service.Name, references);
  const { tags, meta } = labelsOf(allocation, service);
  return {
    Node: node.Name,
    ID: serviceId(allocation, owner, name, service.PortLabel),
    Service: name,
    Kind: "",
    Provider: service.Provider,
    Tags: tags.map((tag) => interpolate(tag, references)),
    Meta: { ...interpolateValues(meta, references), "external-source": "nomad" },
    Address: service.Address === "" ? port.address : interpolate(service.Address, references),
    Port: port.port,
    ...taggedAddresses(interpolateValues(service.TaggedAddresses, references), port.port),
    Weights: { Passing: service.Weights?.Passing ?? 1, Warning: service.Weights?.Warning ?? 1 },
    EnableTagOverride: service.EnableTagOverride,
    Proxy: null,
    ConnectNative: service.Connect?.Native ?? false,
    Namespace: allocation.Namespace,
    JobID: allocation.JobID,
    AllocID: allocation.ID,
  };
}

/** Each an address with a port, or an address at which the service has its usual port. */
function taggedAddresses(
  addresses: Readonly<Record<string, string>>,
  servicePort: number,
): Pick<ServiceInstance, "TaggedAddresses"> {
  const entries = Object.entries(addresses).map(([name, text]) => {
    const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
    return [name, { Address: bracketed ?? plain ?? text, Port: Number(port ?? servicePort) }] as const;
  });
  return entries.length === 0 ? {} : { TaggedAddresses: Object.fromEntries(entries) };
}

function labelsOf({ DeploymentStatus }: AssignedAllocation, service: Service) {
  if (!DeploymentStatus?.Canary) return { tags: service.Tags, meta: service.Meta };
  return {
    tags: service.CanaryTags.length > 0 ? service.CanaryTags : service.Tags,
    meta: Object.keys(service.CanaryMeta).length > 0 ? service.CanaryMeta : service.Meta,
  };
}
