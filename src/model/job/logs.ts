import { attribute, boolean, integer, object, optional } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const logs = object("logs", "How much of a task's output is kept.", {
  MaxFiles: integer("Files that are kept of each of stdout and stderr.", { default: 10, min: 1 }),
  MaxFileSizeMB: integer("The size at which the next file is begun, in MB.", {
    default: 10,
    min: 1,
    hcl: attribute("max_file_size"),
  }),
  Enabled: optional(
    boolean("", { deprecated: "`enabled` has no effect: write `disabled = true` to keep no logs." }),
  ),
  Disabled: boolean("Keep no logs."),
});

export type LogConfig = Value<typeof logs>;
