import { boolean, integer, list, object, opaqueMap, optional, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

/** What both proxy-defaults and service-defaults can say of a proxy. */

export const meshGateway = object(
  "MeshGateway",
  "Which mesh gateways a request to another datacenter goes through.",
  {
    Mode: string(
      "`none`: straight to the other proxy; `local`: out through an own gateway; `remote`: straight to the other side's gateway.",
      {
        oneOf: ["", "none", "local", "remote"],
      },
    ),
  },
);

export const transparentProxy = object("TransparentProxy", "How redirected traffic is taken in.", {
  OutboundListenerPort: integer("Where outbound traffic is redirected to; 0 stands for 15001.", {
    min: 0,
    max: 65535,
  }),
  DialedDirectly: boolean("Whether others may dial the addresses of single instances."),
});

export const exposedPath = object(
  "Expose path",
  "A path that is served to everyone, past the mesh's encryption and rules.",
  {
    Path: string("The HTTP path."),
    LocalPathPort: integer("The task's port that serves the path.", { min: 0, max: 65535 }),
    ListenerPort: integer("The port at which everyone reaches it.", { min: 0, max: 65535 }),
    Protocol: string("", { default: "http", oneOf: ["http", "http2"] }),
  },
);

export const expose = object("Expose", "Paths that are reached without the mesh.", {
  Checks: boolean("Expose the paths of HTTP and gRPC checks, to the node's agent alone."),
  Paths: list(exposedPath, "Further paths."),
});

export type Expose = Value<typeof expose>;

export const envoyExtension = object("EnvoyExtension", "An extension of Envoy, by its name in Consul.", {
  Name: string("Such as `builtin/lua` or `builtin/property-override`."),
  Required: boolean("A proxy that cannot have the extension gets no new configuration at all."),
  Arguments: opaqueMap("What the extension is told."),
  ConsulVersion: string("Only control planes of these versions apply it."),
  EnvoyVersion: string("Only proxies of these versions get it."),
});

export type EnvoyExtension = Value<typeof envoyExtension>;

export const modes = ["", "direct", "transparent"] as const;

export const mutualTlsModes = ["", "strict", "permissive"] as const;

export const settingsOfProxies = {
  Mode: string(
    "`transparent`: traffic is redirected to the proxy; `direct`: tasks call their upstreams' ports.",
    {
      oneOf: modes,
    },
  ),
  TransparentProxy: optional(transparentProxy),
  MutualTLSMode: string("`permissive` lets plain connections in as well; the `mesh` entry must allow that.", {
    oneOf: mutualTlsModes,
  }),
  MeshGateway: optional(meshGateway),
  Expose: optional(expose),
  EnvoyExtensions: list(envoyExtension, "Extensions of Envoy, in order."),
};
