import {
  attribute,
  block,
  boolean,
  duration,
  list,
  notInHcl,
  object,
  opaqueMap,
  optional,
  required,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import { second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";
import { artifact } from "./artifact.ts";
import { affinity, constraint } from "./constraint.ts";
import { consul } from "./consul.ts";
import { csiPlugin } from "./csi.ts";
import { identity } from "./identity.ts";
import { logs } from "./logs.ts";
import { resources } from "./resources.ts";
import { restart } from "./restart.ts";
import { scaling } from "./scaling.ts";
import { secret } from "./secret.ts";
import { service } from "./service.ts";
import { template } from "./template.ts";
import { vault } from "./vault.ts";
import { volumeMount } from "./volume.ts";

export const lifecycle = object("lifecycle", "When the task runs beside the group's main tasks.", {
  Hook: string("Before them, after they have started, or after they have ended.", {
    hcl: attribute(undefined, required),
    oneOf: ["prestart", "poststart", "poststop"],
  }),
  Sidecar: boolean("It runs as long as they do."),
});

export type TaskLifecycle = Value<typeof lifecycle>;

export const dispatchPayload = object(
  "dispatch_payload",
  "Where the task finds the payload it was dispatched with.",
  {
    File: string("A file below `local/`."),
  },
);

export type DispatchPayloadConfig = Value<typeof dispatchPayload>;

export const action = object("action", "A command that people may run inside the task by name.", {
  Name: string("", { hcl: notInHcl }),
  Command: string("The program.", { hcl: attribute(undefined, required) }),
  Args: strings("Its arguments."),
});

export type Action = Value<typeof action>;

export const scheduleCron = object("cron", "", {
  Start: string("When the task starts."),
  End: string("When it ends."),
  Timezone: string("The time zone."),
});

export const schedule = object("schedule", "When the task runs.", { Cron: optional(scheduleCron) });

export type TaskSchedule = Value<typeof schedule>;

const namesDefault = ({ Name }: Readonly<Record<string, unknown>>) =>
  Name === undefined || Name === null || Name === "" || Name === "default";

export const task = object("task", "A program that runs.", {
  Name: string("", { hcl: notInHcl }),
  Driver: string("What runs it: `exec`, `raw_exec`, `docker` …"),
  User: string("The user it runs as."),
  Lifecycle: optional(lifecycle),
  Config: opaqueMap("Settings of the driver."),
  Constraints: list(constraint, "", { hcl: block("constraint") }),
  Affinities: list(affinity, "", { hcl: block("affinity") }),
  Env: stringMap("Environment variables.", { hcl: block("env", { orAttribute: true }) }),
  Services: list(service, "", { hcl: block("service") }),
  Resources: resources,
  RestartPolicy: { ...restart, hcl: block("restart") },
  Meta: stringMap("Facts by name; the task sees them as `NOMAD_META_<name>`.", {
    hcl: block("meta", { orAttribute: true }),
  }),
  KillTimeout: duration("How long it may take to end before it is killed.", {
    default: 5 * second,
    zeroIsAbsent: true,
  }),
  LogConfig: { ...logs, hcl: block("logs") },
  Artifacts: list(artifact, "", { hcl: block("artifact") }),
  Vault: optional(vault),
  Consul: optional(consul),
  Templates: list(template, "", { hcl: block("template") }),
  DispatchPayload: optional(dispatchPayload),
  VolumeMounts: list(volumeMount, "", { hcl: block("volume_mount") }),
  CSIPluginConfig: optional(csiPlugin, undefined, {
    hcl: block("csi_plugin"),
  }),
  Leader: boolean("When it ends, the group's other tasks are ended."),
  ShutdownDelay: duration("The wait between taking its services out of the catalogue and ending it.", {
    min: 0,
  }),
  KillSignal: string("The signal that asks it to end; by default SIGINT."),
  Kind: string("The task's part in the mesh, such as `connect-proxy:<service>`."),
  ScalingPolicies: list(scaling, "", {
    hcl: block("scaling", { label: "Type", labelValues: { cpu: "vertical_cpu", mem: "vertical_mem" } }),
  }),
  Secrets: list(secret, "", {
    hcl: block("secret", { label: "Name" }),
  }),
  Identity: {
    ...identity,
    doc: "The identity for the orchestrator's own API, named `default`.",
    hcl: block("identity", { holds: namesDefault }),
  },
  Identities: list(identity, "Identities for others.", { hcl: block("identity") }),
  Actions: list(action, "", { hcl: block("action", { label: "Name" }) }),
  Schedule: optional(schedule),
});

export type Task = Value<typeof task>;
