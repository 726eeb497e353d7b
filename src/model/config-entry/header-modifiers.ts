import { object, stringMap, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const headerModifiers = object("headers", "Changes to the headers of a request or a response.", {
  Add: stringMap("Headers to add."),
  Set: stringMap("Headers to set."),
  Remove: strings("Headers to take away."),
});

export type HeaderModifiers = Value<typeof headerModifiers>;
