import type {
  ProxyRegistration,
  ServiceInstance,
  ServiceKind,
  UpstreamRegistration,
} from "../../../src/model/catalog.ts";

/** One service of a test's mesh. Each instance has an application, a sidecar and an Envoy of its own. */
export interface ServicePlan {
  readonly service: string;
  readonly upstreams?: readonly string[];
  /** Of a gateway: it has an Envoy and no application. */
  readonly gateway?: Exclude<ServiceKind, "" | "connect-proxy">;
  /** Outside of the mesh: it has an application and no Envoy. */
  readonly outside?: boolean;
  /** Meta of each instance; one instance without any by default. */
  readonly instances?: readonly Readonly<Record<string, string>>[];
  /** A network namespace, and the group that its Envoys run under there. */
  readonly within?: { readonly namespace: string; readonly group: number };
  /** Of its Envoys; 1 by default. */
  readonly threads?: number;
  /** A command that runs its Envoys. */
  readonly runner?: readonly string[];
  /** `Config` of its proxies, also at their start. `address` gives that of any instance. */
  readonly config?: (address: (id: string) => string) => Readonly<Record<string, unknown>>;
}

/** One instance of a service in a test's mesh. */
export interface Registration {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly upstreams: readonly string[];
  readonly gateway: ServicePlan["gateway"] | null;
  readonly outside: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  readonly within: NonNullable<ServicePlan["within"]> | null;
  readonly runner: readonly string[];
  readonly threads: number;
}

export const APPLICATION_PORT = 8080;
const PUBLIC_PORT = 21000;
/** Of gateways that do not have their ports from config entries. */
export const GATEWAY_PORT = 8443;
const FIRST_UPSTREAM_PORT = 5001;

export function proxyId({ id, gateway }: Registration): string {
  return gateway === null ? `${id}-sidecar-proxy` : id;
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
    Config: { bind_address: address, ...registration.config, ...changes.Config },
  };
  const instance = instanceOf(registration);
  return {
    ...instance,
    ...{ ID: proxyId(registration), Service: `${service}-sidecar-proxy`, Kind: "connect-proxy" },
    ...{ Port: PUBLIC_PORT, Proxy: proxy },
  };
}

/** A gateway, which listens at its own address. */
export function gatewayOf(registration: Registration, changes: Partial<ProxyRegistration>): ServiceInstance {
  const proxy: ProxyRegistration = {
    ...{ DestinationServiceName: "", DestinationServiceID: "", LocalServiceAddress: "", LocalServicePort: 0 },
    ...{ Mode: "", Config: {}, Upstreams: [], Expose: { Paths: [] } },
    ...changes,
  };
  const Kind = registration.gateway ?? "";
  return { ...instanceOf(registration), Kind, Port: GATEWAY_PORT, Proxy: proxy };
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
  const ids = plans.flatMap(({ service, instances = [{}] }) =>
    instances.map((_, i) => `${service}-${i + 1}`),
  );
  const address = (id: string) => addressOf(ids.indexOf(id) + 1);
  return plans.flatMap(({ service, upstreams = [], gateway = null, outside = false, ...plan }) =>
    (plan.instances ?? [{}]).map((meta, i) => {
      const id = `${service}-${i + 1}`;
      const config = plan.config?.(address) ?? {};
      const { within = null, runner = [], threads = 1 } = plan;
      return {
        ...{ service, id, meta, upstreams, gateway, outside, address: address(id) },
        ...{ config, within, runner, threads },
      };
    }),
  );
}
