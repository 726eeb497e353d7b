import { block, list, notInHcl, object, string, stringMap } from "./schema/builders.ts";
import type { Value } from "./schema/schema.ts";

/** A set of nodes, of which jobs may ask for one. Field names are those of Nomad's API. */
export const nodePool = object("node_pool", "", {
  Name: string("", {
    hcl: notInHcl,
    pattern: {
      regexp: /^[a-zA-Z0-9-_]{1,128}$/,
      expected: "1 to 128 letters, digits, dashes and underscores",
    },
  }),
  Description: string("", { maxLength: 256 }),
  Meta: stringMap(""),
});

export type NodePool = Value<typeof nodePool>;

/** A file of `node pool apply`. */
export const nodePoolFile = object("node pools", "", {
  NodePools: list(nodePool, "", { hcl: block("node_pool", { label: "Name" }) }),
});

/** There without being made. */
export const BUILT_IN_POOLS: readonly NodePool[] = [
  { Name: "all", Description: "Node pool with all nodes in the cluster.", Meta: {} },
  { Name: "default", Description: "Default node pool.", Meta: {} },
];
