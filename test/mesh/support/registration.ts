import type { ProxyRegistration, ServiceInstance, UpstreamRegistration } from "../../../src/model/catalog.ts";

/** One service of a test's mesh. Each instance has an application, a sidecar and an Envoy of its own. */
export interface ServicePlan {
  readonly service: string;
  readonly upstreams?: readonly string[];
  /** Meta of each instance; one instance without any by default. */
  readonly instances?: readonly Readonly<Record<string, string>>[];
}

/** One instance of a service in a test's mesh. */
export interface Registration {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly upstreams: readonly string[];
}

export const APPLICATION_PORT = 8080;
const PUBLIC_PORT = 21000;
const FIRST_UPSTREAM_PORT = 5001;

export function sidecarId(id: string): string {
  return `${id}-sidecar-proxy`;
}

/** The port at which an instance's proxy listens for an upstream. */
export function upstreamPort({ id, upstreams }: Registration, name: string): number {
  const at = upstreams.indexOf(name);
  if (at === -1) throw new Error(`${id} has no upstream ${name}; it has ${upstreams.join(", ")}`);
  return FIRST_UPSTREAM_PORT + at;
}

export function instanceOf({ id, service, address, meta }: Registration): ServiceInstance {
  return {
    ...{ Node: "node", ID: id, Service: service, Kind: "", Provider: "consul", Tags: [], Meta: meta },
    ...{ Address: address, Port: APPLICATION_PORT, Weights: { Passing: 1, Warning: 1 } },
    ...{ EnableTagOverride: false, Proxy: null, ConnectNative: false },
    ...{ Namespace: "", JobID: "", AllocID: "" },
  };
}

/** `changes` go over what the proxy would be registered with; `settings` are each upstream's `Config`. */
export function proxyOf(
  registration: Registration,
  changes: Partial<ProxyRegistration>,
  settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): ServiceInstance {
  const { id, service, address, upstreams } = registration;
  const proxy: ProxyRegistration = {
    ...{ DestinationServiceName: service, DestinationServiceID: id },
    ...{ LocalServiceAddress: address, LocalServicePort: APPLICATION_PORT, Mode: "" },
    Upstreams: upstreams.map((name) => upstreamOf(registration, name, settings[name] ?? {})),
    Expose: { Paths: [] },
    ...changes,
    Config: { bind_address: address, ...changes.Config },
  };
  const instance = instanceOf(registration);
  return {
    ...instance,
    ...{ ID: sidecarId(id), Service: `${service}-sidecar-proxy`, Kind: "connect-proxy" },
    ...{ Port: PUBLIC_PORT, Proxy: proxy },
  };
}

function upstreamOf(
  registration: Registration,
  name: string,
  Config: UpstreamRegistration["Config"],
): UpstreamRegistration {
  return {
    ...{ DestinationType: "service", DestinationName: name, DestinationPeer: "", Datacenter: "" },
    LocalBindAddress: registration.address,
    LocalBindPort: upstreamPort(registration, name),
    ...{ LocalBindSocketPath: "", LocalBindSocketMode: "", Config },
  };
}

/** `addressOf` gives the address of the nth host, from 1. */
export function registrationsOf(
  plans: readonly ServicePlan[],
  addressOf: (host: number) => string,
): Registration[] {
  const instances = plans.flatMap(({ service, upstreams = [], instances = [{}] }) =>
    instances.map((meta, i) => ({ service, id: `${service}-${i + 1}`, meta, upstreams })),
  );
  return instances.map((instance, i) => ({ ...instance, address: addressOf(i + 1) }));
}
