import { notInHcl, object, opaqueMap, string, stringMap } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const secret = object(
  "secret",
  "A secret that the task's blocks may refer to as `${secret.<name>.<key>}`.",
  {
    Name: string("", { hcl: notInHcl }),
    Provider: string("Who keeps it: `nomad`, `vault` or a plugin."),
    Path: string("Where it is kept."),
    Config: opaqueMap("Settings of the provider."),
    Env: stringMap("Environment of the provider's plugin."),
  },
);

export type Secret = Value<typeof secret>;
