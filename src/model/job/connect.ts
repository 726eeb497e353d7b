import {
  block,
  boolean,
  duration,
  list,
  object,
  opaqueMap,
  optional,
  sparse,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { gateway } from "./gateway.ts";
import { identity } from "./identity.ts";
import { logs } from "./logs.ts";
import { proxy } from "./proxy.ts";
import { resources } from "./resources.ts";
import { volumeMount } from "./volume.ts";

export const sidecarService = object("sidecar_service", "Puts an Envoy beside the service.", {
  Tags: strings("Labels of the proxy's own service; by default the parent's."),
  Port: string("The label of the proxy's public port; by default `connect-proxy-<service>`."),
  Proxy: optional(proxy),
  DisableDefaultTCPCheck: boolean("Do not check that the proxy's port answers."),
  Meta: stringMap("Facts about the proxy's own service."),
});

export type SidecarService = Value<typeof sidecarService>;

/** What is absent here leaves the injected task as it is, so that nothing in it has a default. */
export const sidecarTask = object("sidecar_task", "What to change of the task that runs the Envoy.", {
  Name: string("The task's name."),
  Driver: string("The driver; another one replaces the whole `config`."),
  User: string("The user."),
  Config: opaqueMap("Settings of the driver, merged by key."),
  Env: stringMap("Environment, merged by key."),
  Resources: optional(sparse(resources), "What the proxy needs; what is not given stays as it is."),
  Meta: stringMap("Facts, merged by key."),
  KillTimeout: optional(duration("How long it may take to end before it is killed.")),
  LogConfig: optional(sparse(logs), undefined, { hcl: block("logs") }),
  ShutdownDelay: optional(duration("The wait before it is ended.")),
  KillSignal: string(""),
  VolumeMounts: list(volumeMount, "", { hcl: block("volume_mount") }),
  Identities: list(identity, "", { hcl: block("identity") }),
});

export type SidecarTask = Value<typeof sidecarTask>;

export const connect = object("connect", "Makes the service part of the mesh.", {
  Native: boolean("The task speaks the mesh's protocol itself, without a proxy."),
  Gateway: optional(gateway),
  SidecarService: optional(sidecarService),
  SidecarTask: optional(sidecarTask),
});

export type Connect = Value<typeof connect>;
