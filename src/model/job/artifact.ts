import { attribute, boolean, object, string, stringMap } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const artifact = object("artifact", "A file or archive that is fetched before the task starts.", {
  GetterSource: string("Where it is.", { hcl: attribute("source") }),
  GetterOptions: stringMap("Options of the fetch, such as `checksum`.", {
    hcl: { form: "block", name: "options" },
  }),
  GetterHeaders: stringMap("Headers of the request.", { hcl: { form: "block", name: "headers" } }),
  GetterMode: string("Whether a file or a directory is expected.", {
    default: "any",
    oneOf: ["any", "file", "dir"],
    hcl: attribute("mode"),
  }),
  GetterInsecure: boolean("Do not verify certificates.", { hcl: attribute("insecure") }),
  RelativeDest: string("Where it goes, in the task's directory; by default `local/`.", {
    hcl: attribute("destination"),
  }),
  Chown: boolean("Give it to the task's user."),
});

export type TaskArtifact = Value<typeof artifact>;
