import {
  attribute,
  block,
  boolean,
  integer,
  list,
  object,
  opaqueMap,
  optional,
  string,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const meshGateway = object(
  "mesh_gateway",
  "Which mesh gateways a request to another datacenter goes through.",
  {
    Mode: string("`local`, `remote` or `none`; by default what the mesh is configured to."),
  },
);

export type MeshGateway = Value<typeof meshGateway>;

export const upstream = object("upstreams", "A service that the task reaches through its proxy.", {
  DestinationName: string("The service to reach."),
  DestinationNamespace: string("The service's namespace."),
  DestinationPeer: string("The peer that exports the service."),
  DestinationPartition: string("The service's partition."),
  DestinationType: string("`service` or `prepared_query`."),
  LocalBindPort: integer("The port at which the proxy listens for the task.", { max: 65535 }),
  Datacenter: string("The service's datacenter; by default the own one."),
  LocalBindAddress: string("The address at which the proxy listens for the task; by default 127.0.0.1."),
  LocalBindSocketPath: string("A Unix socket at which the proxy listens in place of address and port."),
  LocalBindSocketMode: string("The socket's permissions, in octal."),
  MeshGateway: optional(meshGateway),
  Config: opaqueMap("Settings of this upstream's listener and cluster."),
});

export type Upstream = Value<typeof upstream>;

export const exposePath = object(
  "path",
  "A path that is served to everyone, past the mesh's encryption and rules.",
  {
    Path: string("The HTTP path."),
    Protocol: string("`http` or `http2`."),
    LocalPathPort: integer("The task's port that serves the path.", { max: 65535 }),
    ListenerPort: string("The label of the port at which the path is served."),
  },
);

export type ExposePath = Value<typeof exposePath>;

export const expose = object("expose", "Paths that are reached without the mesh.", {
  Paths: list(exposePath, "", { hcl: block("path"), aliases: ["Path"] }),
});

export type Expose = Value<typeof expose>;

export const transparentProxy = object(
  "transparent_proxy",
  "Sends all traffic of the group through the proxy, without a listed upstream.",
  {
    UID: string(
      "A user whose traffic is not redirected, such as that of a proxy of your own; Yurt's is told by its group.",
    ),
    OutboundPort: integer("The proxy's port for outbound traffic; by default 15001.", {
      min: 0,
      max: 65535,
    }),
    ExcludeInboundPorts: strings("Ports (labels or numbers) that are reached directly."),
    ExcludeOutboundPorts: list(integer("", { min: 0, max: 65535 }), "Ports that are dialled directly."),
    ExcludeOutboundCIDRs: strings("Address ranges that are dialled directly."),
    ExcludeUIDs: strings("Users whose traffic is not redirected."),
    NoDNS: boolean("Leave name look-ups alone.", { hcl: attribute("no_dns") }),
  },
);

export type TransparentProxy = Value<typeof transparentProxy>;

export const proxy = object("proxy", "The Envoy beside the task.", {
  LocalServiceAddress: string("Where the task listens; by default 127.0.0.1."),
  LocalServicePort: integer("The port at which the task listens; by default the service's.", { max: 65535 }),
  Expose: optional(expose, undefined, { aliases: ["ExposeConfig"] }),
  Upstreams: list(upstream, "", { hcl: block("upstreams") }),
  TransparentProxy: optional(transparentProxy),
  Config: opaqueMap("Settings of the proxy, such as `protocol`."),
});

export type ConsulProxy = Value<typeof proxy>;
