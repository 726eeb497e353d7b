import { attribute, block, filled, integer, list, notInHcl, object, string } from "../schema/builders.ts";
import type { Shorthand, Value } from "../schema/schema.ts";

const operators = [
  "=",
  "==",
  "is",
  "!=",
  "not",
  "<",
  "<=",
  ">",
  ">=",
  "regexp",
  "version",
  "semver",
  "set_contains",
  "set_contains_all",
  "set_contains_any",
] as const;

const presenceOperators = ["is_set", "is_not_set"] as const;
const distinctOperators = ["distinct_hosts", "distinct_property"] as const;

/** `version = ">= 1.2"` for `operator = "version"` with `value = ">= 1.2"`. */
function operatorWithValue(operator: string): Shorthand {
  return {
    doc: `The operator \`${operator}\` and its value in one.`,
    kind: "string",
    sets: { Operand: operator },
    value: "RTarget",
  };
}

const comparisons = {
  version: operatorWithValue("version"),
  semver: operatorWithValue("semver"),
  regexp: operatorWithValue("regexp"),
};

const accepted: Shorthand = {
  doc: "Has no effect, as in Nomad: write `operator` and `value`.",
  kind: "string",
  sets: {},
};

export const constraint = object(
  "constraint",
  "A condition on the node that must hold for the work to be placed there.",
  {
    LTarget: string("What is looked at, such as `${attr.kernel.name}` or `${meta.rack}`.", {
      hcl: attribute("attribute"),
    }),
    RTarget: string("What it is compared with.", { hcl: attribute("value") }),
    Operand: string("How the two are compared.", {
      default: "=",
      oneOf: [...operators, ...presenceOperators, ...distinctOperators],
      hcl: attribute("operator", filled),
    }),
  },
  {
    shorthands: {
      ...comparisons,
      set_contains: operatorWithValue("set_contains"),
      distinct_hosts: {
        doc: "No two allocations of the job, or of the group, on one node.",
        kind: "boolean",
        sets: { Operand: "distinct_hosts" },
        value: "RTarget",
      },
      distinct_property: {
        doc: "At most `value` allocations (by default 1) for each value of this attribute.",
        kind: "string",
        sets: { Operand: "distinct_property" },
        value: "LTarget",
      },
      set_contains_all: accepted,
      set_contains_any: accepted,
      is_set: accepted,
      is_not_set: accepted,
    },
  },
);

export type Constraint = Value<typeof constraint>;

export const affinity = object(
  "affinity",
  "A preference for nodes; unlike a constraint it never forbids one.",
  {
    LTarget: string("What is looked at, such as `${node.datacenter}`.", {
      hcl: attribute("attribute"),
    }),
    RTarget: string("What it is compared with.", { hcl: attribute("value") }),
    Operand: string("How the two are compared.", {
      default: "=",
      oneOf: operators,
      hcl: attribute("operator", filled),
    }),
    Weight: integer("How much it counts; below 0 the node is avoided.", { default: 50, min: -100, max: 100 }),
  },
  {
    shorthands: {
      ...comparisons,
      set_contains_any: operatorWithValue("set_contains_any"),
      set_contains_all: operatorWithValue("set_contains_all"),
      set_contains: operatorWithValue("set_contains"),
    },
  },
);

export type Affinity = Value<typeof affinity>;

export const spreadTarget = object(
  "target",
  "The share of allocations that one value of the attribute should get.",
  {
    Value: string("The value of the attribute.", { hcl: notInHcl }),
    Percent: integer("The share, in percent.", { min: 0, max: 100 }),
  },
);

export const spread = object("spread", "Spreads allocations over the values of a node attribute.", {
  Attribute: string("The attribute, such as `${node.datacenter}`."),
  Weight: integer("How much it counts beside other spreads and affinities.", {
    default: 50,
    min: 1,
    max: 100,
  }),
  SpreadTarget: list(spreadTarget, "Wanted shares; without any, all values get the same.", {
    hcl: block("target", { label: "Value" }),
  }),
});

export type Spread = Value<typeof spread>;
