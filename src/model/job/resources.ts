import {
  attribute,
  block,
  integer,
  list,
  notInHcl,
  object,
  optional,
  string,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { affinity, constraint } from "./constraint.ts";
import { network } from "./network.ts";

export const device = object("device", "A device such as a GPU that the task needs.", {
  Name: string("`<type>`, `<vendor>/<type>` or `<vendor>/<type>/<name>`.", { hcl: notInHcl }),
  Count: integer("How many.", { default: 1, min: 1 }),
  Constraints: list(constraint, "Which devices will do.", { hcl: block("constraint") }),
  Affinities: list(affinity, "Which devices are preferred.", { hcl: block("affinity") }),
});

export type RequestedDevice = Value<typeof device>;

export const numa = object("numa", "How the task's cores relate to the memory nodes of the machine.", {
  Affinity: string("", { default: "none", oneOf: ["none", "prefer", "require"] }),
  Devices: strings("Devices that should be near the cores."),
});

export type NUMAResource = Value<typeof numa>;

export const resources = object("resources", "What a task needs of its node.", {
  CPU: integer("Processor time in MHz."),
  Cores: integer("Whole cores that no other task runs on, in place of `cpu`.", {
    min: 0,
  }),
  MemoryMB: integer("Memory in MB.", { default: 300, hcl: attribute("memory") }),
  MemoryMaxMB: optional(
    integer(
      "The most memory that the task may use when the node has some to spare, in MB; -1 for no limit.",
      {
        hcl: attribute("memory_max"),
      },
    ),
  ),
  DiskMB: optional(
    integer("Not allowed here: `ephemeral_disk` of the group says it.", { hcl: attribute("disk") }),
  ),
  Networks: list(network, "", {
    hcl: block("network"),
    deprecated: "`network` in `resources` is obsolete: write it in the group.",
  }),
  Devices: list(device, "", {
    hcl: block("device", { label: "Name" }),
  }),
  NUMA: optional(numa),
  SecretsMB: optional(integer("The size of the secrets directory in MB.", { hcl: attribute("secrets") })),
  IOPS: optional(integer("", { hcl: attribute("iops"), deprecated: "`iops` has no effect. Remove it." })),
});

export type Resources = Value<typeof resources>;
