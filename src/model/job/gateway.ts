import { headerModifiers } from "../config-entry/header-modifiers.ts";
import {
  block,
  boolean,
  duration,
  integer,
  list,
  map,
  notInHcl,
  object,
  opaqueMap,
  optional,
  string,
  strings,
} from "../schema/builders.ts";
import { second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

export const bindAddress = object("envoy_gateway_bind_addresses", "An address at which a gateway listens.", {
  Name: string("", { hcl: notInHcl }),
  Address: string("The IP address."),
  Port: integer("The port; -1 stands for the service's."),
});

export type GatewayBindAddress = Value<typeof bindAddress>;

export const gatewayProxy = object("gateway proxy", "The Envoy of a gateway.", {
  ConnectTimeout: duration("How long a connection to a service may take.", { default: 5 * second, min: 0 }),
  EnvoyGatewayBindTaggedAddresses: boolean("Listen at the service's tagged addresses."),
  EnvoyGatewayBindAddresses: map(bindAddress, "Listen at these addresses.", {
    hcl: block(undefined, { label: "Name" }),
  }),
  EnvoyGatewayNoDefaultBind: boolean("Do not listen at the service's own address."),
  EnvoyDNSDiscoveryType: string("How Envoy resolves names of services outside.", {
    default: "",
    oneOf: ["", "STRICT_DNS", "LOGICAL_DNS"],
  }),
  Config: opaqueMap("Settings of the proxy."),
});

export type GatewayProxy = Value<typeof gatewayProxy>;

export const gatewaySds = object("sds", "Where the certificate comes from.", {
  ClusterName: string("The cluster that serves it."),
  CertResource: string("Its name there."),
});

export const gatewayTls = object("tls", "Encryption at an ingress gateway's listeners.", {
  Enabled: boolean("Speak TLS to clients."),
  TLSMinVersion: string("The least version, such as `TLSv1_2`."),
  TLSMaxVersion: string("The greatest version."),
  CipherSuites: strings("Allowed cipher suites."),
  SDS: optional(gatewaySds),
});

export type GatewayTLS = Value<typeof gatewayTls>;

export const ingressService = object("ingress service", "A service behind a listener.", {
  Name: string("The service, or `*` for all."),
  Hosts: strings("The host names that lead to it."),
  TLS: optional(gatewayTls, "Encryption for this service's hosts."),
  RequestHeaders: optional(headerModifiers, "Changes to requests."),
  ResponseHeaders: optional(headerModifiers, "Changes to responses."),
  MaxConnections: optional(integer("The most connections to the service.", { min: 0 })),
  MaxPendingRequests: optional(integer("The most requests that wait.", { min: 0 })),
  MaxConcurrentRequests: optional(integer("The most requests at a time.", { min: 0 })),
});

export type IngressService = Value<typeof ingressService>;

export const ingressListener = object("listener", "A port of an ingress gateway.", {
  Port: integer("", { max: 65535 }),
  Protocol: string("", { default: "tcp", oneOf: ["tcp", "http", "http2", "grpc"] }),
  Services: list(ingressService, "", { hcl: block("service") }),
});

export type IngressListener = Value<typeof ingressListener>;

export const ingress = object("ingress", "Lets clients outside reach services of the mesh.", {
  TLS: optional(gatewayTls),
  Listeners: list(ingressListener, "", { hcl: block("listener") }),
});

export type IngressGateway = Value<typeof ingress>;

export const linkedService = object("linked service", "A service outside the mesh.", {
  Name: string("The service."),
  CAFile: string("The authority that its certificate must come from."),
  CertFile: string("The certificate shown to it."),
  KeyFile: string("The key of that certificate."),
  SNI: string("The server name asked for."),
});

export type LinkedService = Value<typeof linkedService>;

export const terminating = object("terminating", "Lets services of the mesh reach services outside.", {
  Services: list(linkedService, "", { hcl: block("service") }),
});

export type TerminatingGateway = Value<typeof terminating>;

export const meshGatewayEntry = object("mesh", "Joins this mesh with others.", {});

export const apiGatewayEntry = object(
  "api",
  "Lets clients outside in by routes, which are config entries, as are the gateway's listeners.",
  {},
);

export const gateway = object("gateway", "Runs an Envoy at the edge of the mesh.", {
  Proxy: optional(gatewayProxy),
  Ingress: optional(ingress),
  Terminating: optional(terminating),
  Mesh: optional(meshGatewayEntry),
  Api: optional(apiGatewayEntry),
});

export type Gateway = Value<typeof gateway>;
