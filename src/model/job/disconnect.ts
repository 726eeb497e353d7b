import { boolean, duration, object, optional, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const disconnect = object(
  "disconnect",
  "What happens to allocations of a node that is no longer heard of.",
  {
    LostAfter: duration("They count as lost after this."),
    StopOnClientAfter: optional(duration("The node stops them itself after this.")),
    Replace: boolean("Replace them meanwhile.", { default: true }),
    Reconcile: string("Which one stays when the node is back.", {
      default: "best_score",
      oneOf: ["best_score", "keep_original", "keep_replacement", "longest_running"],
    }),
  },
);

export type DisconnectStrategy = Value<typeof disconnect>;
