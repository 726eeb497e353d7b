import { checkKey, serviceKey } from "#mesh/tables.ts";
import type { HealthCheck, ProxyRegistration, ServiceInstance } from "#model/catalog.ts";
import { type CheckRegistration, checkRegistration, typeOfCheck } from "#model/registration/check.ts";
import {
  exposedPathsOf,
  type ServiceRegistration,
  type SidecarRegistration,
  upstreamsOf,
} from "#model/registration/service.ts";
import { canonical } from "#model/schema/canonical.ts";
import { second } from "#model/schema/duration.ts";

/** The node that a registration is for. */
export interface RegistrationNode {
  readonly name: string;
  /** Where its services are reached that name no address of their own. */
  readonly address: string;
}

/** What a registration puts into the catalog: the instance first, then its sidecar if it has one. */
export interface Expansion {
  readonly instances: readonly ServiceInstance[];
  readonly checks: readonly HealthCheck[];
}

/** From what a client registers to rows of the catalog, by Consul's rules. `freePort`: for a sidecar without one. */
export function expand(
  node: RegistrationNode,
  registration: ServiceRegistration,
  freePort: () => number,
): Expansion {
  const instance = instanceOf(node, registration);
  const checks = checksOf(instance, registration);
  const sidecar = registration.Connect?.SidecarService ?? null;
  if (sidecar === null) return { instances: [instance], checks };
  const proxy = sidecarOf(node, instance, registration, sidecar, freePort);
  return {
    instances: [instance, proxy],
    checks: [...checks, ...sidecarChecks(instance, proxy, sidecar)],
  };
}

export const sidecarIdOf = (id: string) => `${id}-sidecar-proxy`;

function instanceOf(node: RegistrationNode, registration: ServiceRegistration): ServiceInstance {
  const { Name, Kind, Tags, Meta, Address, Port, EnableTagOverride } = registration;
  return {
    Node: node.name,
    ID: registration.ID || Name,
    Service: Name,
    Kind,
    Provider: "consul",
    ...{ Tags, Meta, Port, EnableTagOverride },
    Address: Address || node.address,
    TaggedAddresses: registration.TaggedAddresses,
    Weights: registration.Weights ?? { Passing: 1, Warning: 1 },
    Proxy: proxyOf(registration.Proxy, 0) ?? (Kind === "" ? null : NO_PROXY),
    ConnectNative: registration.Connect?.Native ?? false,
    ...BY_HAND,
  };
}

const BY_HAND = { Namespace: "", JobID: "", AllocID: "" } as const;

function sidecarOf(
  node: RegistrationNode,
  parent: ServiceInstance,
  registration: ServiceRegistration,
  sidecar: SidecarRegistration,
  freePort: () => number,
): ServiceInstance {
  const proxy = proxyOf(sidecar.Proxy, parent.Port);
  return {
    ...parent,
    ID: sidecarIdOf(parent.ID),
    Service: `${parent.Service}-sidecar-proxy`,
    Kind: "connect-proxy",
    Tags: sidecar.Tags.length > 0 ? sidecar.Tags : parent.Tags,
    Meta: Object.keys(sidecar.Meta).length > 0 ? sidecar.Meta : parent.Meta,
    Address: sidecar.Address || registration.Address || node.address,
    Port: sidecar.Port || freePort(),
    TaggedAddresses: sidecar.TaggedAddresses,
    Weights: sidecar.Weights ?? parent.Weights,
    Proxy: {
      ...(proxy ?? { ...NO_PROXY, LocalServicePort: parent.Port }),
      DestinationServiceName: parent.Service,
      DestinationServiceID: parent.ID,
    },
    ConnectNative: false,
  };
}

const NO_PROXY: ProxyRegistration = {
  DestinationServiceName: "",
  DestinationServiceID: "",
  LocalServiceAddress: "127.0.0.1",
  LocalServicePort: 0,
  Mode: "",
  Config: {},
  Upstreams: [],
  Expose: { Paths: [] },
};

function proxyOf(proxy: ServiceRegistration["Proxy"], servicePort: number): ProxyRegistration | null {
  if (proxy === null) return null;
  const { DestinationServiceName, DestinationServiceID, LocalServiceAddress } = proxy;
  const { LocalServiceSocketPath, TransparentProxy, AccessLogs, EnvoyExtensions } = proxy;
  const LocalServicePort = proxy.LocalServicePort || servicePort;
  return {
    ...{ DestinationServiceName, DestinationServiceID, LocalServiceAddress, LocalServicePort },
    ...(LocalServiceSocketPath !== "" && { LocalServiceSocketPath }),
    Mode: proxy.Mode,
    ...(TransparentProxy && { TransparentProxy }),
    ...(AccessLogs && { AccessLogs }),
    ...(EnvoyExtensions.length > 0 && { EnvoyExtensions }),
    Config: proxy.Config,
    Upstreams: upstreamsOf(proxy),
    ...(proxy.MeshGateway && { MeshGateway: proxy.MeshGateway }),
    Expose: {
      ...(proxy.Expose?.Checks && { Checks: true }),
      Paths: exposedPathsOf(proxy, LocalServicePort),
    },
  };
}

function checksOf(
  instance: ServiceInstance,
  { Check, Checks }: Pick<ServiceRegistration, "Check" | "Checks">,
): HealthCheck[] {
  const all = [...(Check === null ? [] : [Check]), ...Checks];
  return all.map((check, i) => {
    const number = all.length === 1 ? "" : `:${i + 1}`;
    return checkRow(
      instance.Node,
      { ...check, CheckID: check.CheckID || `service:${instance.ID}${number}` },
      instance,
    );
  });
}

/** A check as its row; `service` is the one that it is of, if it is of one. */
export function checkRow(
  node: string,
  check: CheckRegistration,
  service: Pick<ServiceInstance, "ID" | "Service"> | null,
): HealthCheck {
  return {
    Node: node,
    CheckID: check.CheckID || check.Name,
    Name: check.Name || (service ? `Service '${service.Service}' check` : check.CheckID),
    Status: check.Status,
    Notes: check.Notes,
    Output: "",
    ServiceID: service?.ID ?? "",
    ServiceName: service?.Service ?? "",
    Type: typeOfCheck(check),
    Definition: check,
  };
}

/** A sidecar's own checks, unless it names others: that it listens, and that its service is well. */
function sidecarChecks(
  parent: ServiceInstance,
  proxy: ServiceInstance,
  sidecar: SidecarRegistration,
): HealthCheck[] {
  const own = checksOf(proxy, sidecar);
  if (own.length > 0) return own;
  const { Address, Port } = proxy;
  const check = (CheckID: string, over: Partial<CheckRegistration>) =>
    checkRow(proxy.Node, { ...canonical(checkRegistration, {}), CheckID, ...over }, proxy);
  const listening = check(`service:${proxy.ID}:1`, {
    Name: "Connect Sidecar Listening",
    TCP: `${Address}:${Port}`,
    Interval: 10 * second,
  });
  const aliasing = check(`service:${proxy.ID}:2`, {
    Name: `Connect Sidecar Aliasing ${parent.ID}`,
    AliasService: parent.ID,
  });
  return sidecar.DisableDefaultTCPCheck ? [aliasing] : [listening, aliasing];
}

export const keysOf = ({ instances, checks }: Expansion) => ({
  instances: new Set(instances.map(serviceKey)),
  checks: new Set(checks.map(checkKey)),
});
