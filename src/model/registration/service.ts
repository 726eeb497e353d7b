import type { ExposedPath, UpstreamRegistration } from "../catalog.ts";
import { accessLogs } from "../config-entry/access-logs.ts";
import { envoyExtension } from "../config-entry/proxy-settings.ts";
import { type Diagnostic, hasErrors } from "../diagnostic.ts";
import { meshGateway, upstream } from "../job/proxy.ts";
import { weights } from "../job/service.ts";
import {
  block,
  boolean,
  integer,
  list,
  map,
  object,
  opaque,
  opaqueMap,
  optional,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import { canonical } from "../schema/canonical.ts";
import { check, type Rule, rule } from "../schema/check.ts";
import { decode } from "../schema/decode.ts";
import type { ObjectSchema, Value } from "../schema/schema.ts";
import { checkRegistration, checkRegistrationRules } from "./check.ts";

/** Services that no job runs, as Consul's users register them: by a file, or `PUT /v1/agent/service/register`. */

const port = { min: 0, max: 65535 };

const exposedPath = object("exposed path", "A path past the mesh's encryption and rules.", {
  Path: string("The HTTP path."),
  Protocol: string("", { default: "http", oneOf: ["http", "http2"] }),
  LocalPathPort: integer("The instance's port that serves the path; by default the service's.", port),
  ListenerPort: integer("The port at which the path is served.", port),
});

const expose = object("expose", "Paths that are reached without the mesh.", {
  Checks: boolean("The paths of the service's HTTP checks."),
  Paths: list(exposedPath, "", { hcl: block("path"), aliases: ["Path"] }),
});

export const proxyRegistration = object("proxy", "What an Envoy stands before, and what it reaches.", {
  DestinationServiceName: string("The service that it stands before; of a `connect-proxy`."),
  DestinationServiceID: string("The instance that it stands before."),
  LocalServiceAddress: string("Where the instance listens.", { default: "127.0.0.1" }),
  LocalServicePort: integer("The instance's port; by default the service's.", port),
  LocalServiceSocketPath: string("A Unix socket at which the instance listens."),
  Mode: string("", { default: "", oneOf: ["", "direct", "transparent"] }),
  TransparentProxy: optional(
    object("transparent_proxy", "How redirected traffic is taken in.", {
      OutboundListenerPort: integer("Where outbound traffic is redirected to; 0 for what entries say.", port),
      DialedDirectly: boolean("Whether others may dial the instance's own address."),
    }),
  ),
  Config: opaqueMap("Settings of the proxy, such as `protocol`."),
  Upstreams: list(upstream, "", { hcl: block("upstreams") }),
  MeshGateway: optional(meshGateway),
  Expose: optional(expose),
  AccessLogs: optional(accessLogs),
  EnvoyExtensions: list(envoyExtension, "Extensions of Envoy, after those of config entries."),
});

type Proxy = Value<typeof proxyRegistration>;

const address = object("tagged address", "", {
  Address: string(""),
  Port: integer("", port),
});

const common = {
  ID: string("By default the name."),
  Name: string("The name under which others find it.", { aliases: ["Service"] }),
  Tags: strings("Labels that others may select by."),
  Meta: stringMap("Facts about the instance, by name."),
  Port: integer("", port),
  Address: string("Where it is reached; by default the node's address."),
  SocketPath: string("A Unix socket at which it is reached."),
  TaggedAddresses: map(address, "Further addresses, by name."),
  Weights: optional(weights),
  EnableTagOverride: boolean("Others may change the tags in the catalogue."),
  Check: optional(checkRegistration),
  Checks: list(checkRegistration, ""),
  Namespace: string("Read and not used: services have no namespaces of their own."),
  Partition: string("Read and not used: there are no partitions."),
  Locality: optional(opaque("")),
};

/** It gets its id, its name, and a free port from 21000 to 21255 unless it names one. */
export const sidecarRegistration = object("sidecar_service", "Registers a proxy beside the service.", {
  ...common,
  Proxy: optional(proxyRegistration),
  DisableDefaultTCPCheck: boolean("Do not check that the proxy's port answers."),
});

export type SidecarRegistration = Value<typeof sidecarRegistration>;

const connect = object("connect", "Makes the service part of the mesh.", {
  Native: boolean("The service speaks the mesh's protocol itself."),
  SidecarService: optional(sidecarRegistration),
});

export const serviceKinds = [
  "",
  "connect-proxy",
  "mesh-gateway",
  "terminating-gateway",
  "ingress-gateway",
  "api-gateway",
] as const;

export const serviceRegistration = object("service", "One instance of a service, or a proxy, on one node.", {
  Kind: string("", { default: "", oneOf: serviceKinds }),
  ...common,
  Connect: optional(connect),
  Proxy: optional(proxyRegistration),
});

export type ServiceRegistration = Value<typeof serviceRegistration>;

/** A file of `services register`: one service or several. */
export const registrationFile = object("services", "", {
  Services: list(serviceRegistration, "", { hcl: block("service"), aliases: ["Service"] }),
});

const isPlain = ({ Kind }: ServiceRegistration) => Kind === "";

export const serviceRegistrationRules = [
  ...checkRegistrationRules,
  rule(serviceRegistration, "Name", (service) => service.Name === "" && "Missing service name."),
  rule(
    serviceRegistration,
    "Proxy",
    (service) =>
      service.Kind === "connect-proxy" &&
      (service.Proxy?.DestinationServiceName ?? "") === "" &&
      "Proxy.DestinationServiceName must be non-empty for a connect-proxy.",
  ),
  rule(
    serviceRegistration,
    "Port",
    (service) =>
      service.Kind === "connect-proxy" &&
      service.Port === 0 &&
      "Port must be set for a connect-proxy: other proxies reach it there.",
  ),
  rule(
    serviceRegistration,
    "Connect",
    (service) =>
      !isPlain(service) &&
      service.Connect !== null &&
      "A proxy or gateway is part of the mesh already: it has no connect block.",
  ),
  rule(
    connect,
    "SidecarService",
    ({ Native, SidecarService }) =>
      Native && SidecarService !== null && "A service that is native in the mesh needs no sidecar.",
  ),
  rule(
    sidecarRegistration,
    "ID",
    (sidecar) =>
      (sidecar.ID !== "" || sidecar.Name !== "") &&
      "A sidecar's id and name follow from the service's; leave them out.",
  ),
  rule(
    proxyRegistration,
    "Upstreams",
    ({ Upstreams }) =>
      Upstreams.some(({ LocalBindPort, LocalBindSocketPath }) => !LocalBindPort && !LocalBindSocketPath) &&
      "Every upstream needs a LocalBindPort or a LocalBindSocketPath.",
  ),
];

/** `value` is null when one of the problems is an error. */
export interface Read<T> {
  readonly value: T | null;
  readonly problems: readonly Diagnostic[];
}

export function readService(json: unknown): Read<ServiceRegistration> {
  return read(serviceRegistration, json);
}

/** Reads what a client sent: keys in CamelCase or snake_case, durations as text or nanoseconds. */
export function read<S extends ObjectSchema>(
  schema: S,
  json: unknown,
  rules: readonly Rule[] = [],
): Read<Value<S>> {
  const { value, problems } = decode(schema, json, { lenient: true });
  if (hasErrors(problems)) return { value: null, problems };
  const full = canonical(schema, value);
  const found = [...problems, ...check(schema, full, [...serviceRegistrationRules, ...rules])];
  return { value: hasErrors(found) ? null : full, problems: found };
}

/** The upstreams of a proxy as the catalog keeps them. */
export function upstreamsOf({ Upstreams }: Proxy): UpstreamRegistration[] {
  return Upstreams.map((one) => ({
    DestinationType: one.DestinationType === "prepared_query" ? "prepared_query" : "service",
    DestinationName: one.DestinationName,
    DestinationPeer: one.DestinationPeer,
    Datacenter: one.Datacenter,
    LocalBindAddress: one.LocalBindAddress,
    LocalBindPort: one.LocalBindPort,
    LocalBindSocketPath: one.LocalBindSocketPath,
    LocalBindSocketMode: one.LocalBindSocketMode,
    Config: one.Config,
    ...(one.MeshGateway && { MeshGateway: one.MeshGateway }),
  }));
}

export function exposedPathsOf({ Expose }: Proxy, localPort: number): ExposedPath[] {
  return (Expose?.Paths ?? []).map(({ Path, Protocol, LocalPathPort, ListenerPort }) => ({
    ...{ Path, ListenerPort },
    Protocol: Protocol === "http2" ? "http2" : "http",
    LocalPathPort: LocalPathPort || localPort,
  }));
}
