import {
  attribute,
  block,
  boolean,
  duration,
  integer,
  list,
  map,
  notInHcl,
  object,
  optional,
  string,
  stringMap,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { affinity, constraint, spread } from "./constraint.ts";
import { consul } from "./consul.ts";
import { disconnect } from "./disconnect.ts";
import { migrate } from "./migrate.ts";
import { network } from "./network.ts";
import { reschedule } from "./reschedule.ts";
import { restart } from "./restart.ts";
import { scaling } from "./scaling.ts";
import { secret } from "./secret.ts";
import { service } from "./service.ts";
import { task } from "./task.ts";
import { update } from "./update.ts";
import { vault } from "./vault.ts";
import { volume } from "./volume.ts";

export const ephemeralDisk = object("ephemeral_disk", "The disk space that the group's tasks share.", {
  Sticky: boolean("A replacement is placed on the same node where possible, and keeps the data."),
  Migrate: boolean("The data goes along to another node."),
  SizeMB: integer("The size in MB.", { default: 300, min: 10, hcl: attribute("size") }),
});

export type EphemeralDisk = Value<typeof ephemeralDisk>;

export const group = object(
  "group",
  "Tasks that run together on one node and share a network.",
  {
    Name: string("", { hcl: notInHcl }),
    Count: integer("How many allocations of the group run.", { default: 1, min: 0 }),
    Constraints: list(constraint, "", { hcl: block("constraint") }),
    Affinities: list(affinity, "", { hcl: block("affinity") }),
    Tasks: list(task, "", { hcl: block("task", { label: "Name" }) }),
    Spreads: list(spread, "", { hcl: block("spread") }),
    Volumes: map(volume, "", { hcl: block("volume", { label: "Name" }) }),
    RestartPolicy: { ...restart, hcl: block("restart") },
    Disconnect: optional(disconnect),
    ReschedulePolicy: optional(reschedule, undefined, { hcl: block("reschedule") }),
    EphemeralDisk: ephemeralDisk,
    Update: optional(update),
    Migrate: optional(migrate),
    Networks: list(network, "", { hcl: block("network") }),
    Meta: stringMap("Facts by name; the tasks see them as `NOMAD_META_<name>`.", {
      hcl: block("meta", { orAttribute: true }),
    }),
    Services: list(service, "", { hcl: block("service") }),
    ShutdownDelay: optional(
      duration("The wait between taking the group's services out of the catalogue and ending its tasks.", {
        min: 0,
      }),
    ),
    MaxRunDuration: optional(duration("How long an allocation of a batch job may run.")),
    StopAfterClientDisconnect: optional(
      duration("", {
        deprecated: "`stop_after_client_disconnect` has no effect: use `disconnect.stop_on_client_after`.",
      }),
    ),
    MaxClientDisconnect: optional(
      duration("", { deprecated: "`max_client_disconnect` has no effect: use `disconnect.lost_after`." }),
    ),
    Scaling: optional(scaling),
    Consul: optional(consul),
    PreventRescheduleOnLost: optional(
      boolean("", { deprecated: "`prevent_reschedule_on_lost` has no effect: use `disconnect.replace`." }),
    ),
  },
  {
    inHclOnly: {
      Vault: optional(vault, "For all tasks of the group that have none."),
      Secrets: list(secret, "For all tasks of the group.", { hcl: block("secret", { label: "Name" }) }),
    },
  },
);

export type TaskGroup = Value<typeof group>;
