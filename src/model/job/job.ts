import {
  attribute,
  block,
  boolean,
  integer,
  list,
  notInHcl,
  object,
  optional,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import type { Input, Value } from "../schema/schema.ts";
import { affinity, constraint, spread } from "./constraint.ts";
import { group } from "./group.ts";
import { migrate } from "./migrate.ts";
import { multiregion } from "./multiregion.ts";
import { parameterized, periodic } from "./periodic.ts";
import { reschedule } from "./reschedule.ts";
import { secret } from "./secret.ts";
import { task } from "./task.ts";
import { update } from "./update.ts";
import { vault } from "./vault.ts";

export const uiLink = object("link", "A link shown beside the job.", {
  Label: string("The text.", { hcl: attribute("label") }),
  URL: string("The address."),
});

export const ui = object("ui", "What the web page shows of the job.", {
  Description: string("A description, in Markdown.", { maxLength: 1000 }),
  Links: list(uiLink, "", { hcl: block("link") }),
});

export type JobUIConfig = Value<typeof ui>;

export const versionTag = object("version tag", "A name given to a version of the job.", {
  Name: string(""),
  Description: string(""),
  TaggedTime: integer(""),
});

export type JobVersionTag = Value<typeof versionTag>;

export const jobTypes = ["service", "batch", "system", "sysbatch"] as const;

export type JobType = (typeof jobTypes)[number];

/** Fields that Yurt fills in; a client may read them but need not send them. */
const kept = {
  Stop: boolean("", { hcl: notInHcl }),
  ParentID: string("", { hcl: notInHcl }),
  Dispatched: boolean("", { hcl: notInHcl }),
  DispatchIdempotencyToken: string("", { hcl: notInHcl }),
  Payload: optional(string("In base64.", { hcl: notInHcl })),
  ConsulNamespace: string("", { hcl: notInHcl }),
  VaultNamespace: string("", { hcl: notInHcl }),
  NomadTokenID: string("", { hcl: notInHcl }),
  Status: string("", { hcl: notInHcl }),
  StatusDescription: string("", { hcl: notInHcl }),
  Stable: boolean("", { hcl: notInHcl }),
  Version: integer("", { hcl: notInHcl }),
  SubmitTime: optional(integer("In nanoseconds since 1970.", { hcl: notInHcl })),
  CreateIndex: integer("", { hcl: notInHcl }),
  ModifyIndex: integer("", { hcl: notInHcl }),
  JobModifyIndex: integer("", { hcl: notInHcl }),
  VersionTag: optional(versionTag, undefined, { hcl: notInHcl }),
};

/** The names of the fields that are not the user's. */
export const keptFields: readonly string[] = Object.keys(kept);

export const job = object(
  "job",
  "What should run: groups of tasks, how many of them and where.",
  {
    Region: string("The region.", { default: "global" }),
    Namespace: string("The namespace.", { default: "default" }),
    ID: string("The job's name among all jobs of its namespace; by default the block's label."),
    Name: string("The name that is shown; by default the ID."),
    Type: string(
      "`service` and `batch` run counts of groups, `system` and `sysbatch` one on every node; the batch kinds end.",
      {
        default: "service",
        oneOf: jobTypes,
      },
    ),
    Priority: integer("Who goes first when there is not room for all.", { default: 50, min: 1, max: 100 }),
    AllAtOnce: boolean("Never carry out a part of a plan of the scheduler. None ever is."),
    Datacenters: strings("The datacenters that will do, with `*` as a wildcard.", { default: ["*"] }),
    NodePool: string("The pool of nodes.", { default: "default" }),
    Constraints: list(constraint, "", { hcl: block("constraint") }),
    Affinities: list(affinity, "", { hcl: block("affinity") }),
    TaskGroups: list(group, "", { hcl: block("group", { label: "Name" }) }),
    Update: optional(update, "What the groups' `update` blocks start from."),
    Multiregion: optional(multiregion),
    Spreads: list(spread, "", { hcl: block("spread") }),
    Periodic: optional(periodic),
    ParameterizedJob: optional(parameterized, undefined, { hcl: block("parameterized") }),
    Reschedule: optional(reschedule, "What the groups' `reschedule` blocks start from."),
    Migrate: optional(migrate, "What the groups' `migrate` blocks start from."),
    Meta: stringMap("Facts by name; the tasks see them as `NOMAD_META_<name>`.", {
      hcl: block("meta", { orAttribute: true }),
    }),
    UI: optional(ui),
    ...kept,
  },
  {
    inHclOnly: {
      Tasks: list(task, "A task that is a group of its own, of the same name.", {
        hcl: block("task", { label: "Name" }),
      }),
      Vault: optional(vault, "For all tasks that have none."),
      Secrets: list(secret, "For all tasks.", { hcl: block("secret", { label: "Name" }) }),
    },
  },
);

export type Job = Value<typeof job>;

/** A job as it was parsed or received. */
export type JobInput = Input<Job>;
