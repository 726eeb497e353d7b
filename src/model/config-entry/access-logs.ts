import { boolean, object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const accessLogs = object("AccessLogs", "What Envoy writes about requests and connections.", {
  Enabled: boolean("Write access logs."),
  DisableListenerLogs: boolean("Leave out connections that no filter chain took."),
  Type: string("Where to.", { default: "stdout", oneOf: ["stdout", "stderr", "file"] }),
  Path: string("The file, where `Type` is `file`."),
  JSONFormat: string("The form of a line, as a JSON object of Envoy's command operators."),
  TextFormat: string("The form of a line, as text with Envoy's command operators."),
});

export type AccessLogs = Value<typeof accessLogs>;
