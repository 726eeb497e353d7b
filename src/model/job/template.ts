import {
  attribute,
  boolean,
  duration,
  filled,
  integer,
  object,
  optional,
  required,
  string,
  strings,
} from "../schema/builders.ts";
import { second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

export const wait = object("wait", "Waits for more changes before it writes the file anew.", {
  Min: optional(duration("The least wait.", { hcl: attribute("min", required) })),
  Max: optional(duration("The longest wait.", { hcl: attribute("max", required) })),
});

export type WaitConfig = Value<typeof wait>;

export const changeScript = object("change_script", "What runs inside the task when the file changes.", {
  Command: string("The program.", { hcl: attribute(undefined, required) }),
  Args: strings("Its arguments.", { hcl: attribute(undefined, filled) }),
  Timeout: duration("How long it may run.", { default: 5 * second, hcl: attribute(undefined, filled) }),
  FailOnError: boolean("The task fails when the script does.", { hcl: attribute(undefined, filled) }),
  RunOnFirstRender: boolean("Also when the file is first written.", { hcl: attribute(undefined, filled) }),
});

export type ChangeScript = Value<typeof changeScript>;

export const template = object("template", "A file that is written from data of the mesh.", {
  SourcePath: string("The file that holds the template.", { hcl: attribute("source") }),
  DestPath: string("The file that is written, inside the task's directory.", {
    hcl: attribute("destination"),
  }),
  EmbeddedTmpl: string("The template itself.", { hcl: attribute("data") }),
  ChangeMode: string("What happens when the content changes.", {
    default: "restart",
    oneOf: ["noop", "restart", "signal", "script"],
    hcl: attribute(undefined, filled),
  }),
  ChangeScript: optional(changeScript),
  ChangeSignal: string('The signal for `change_mode = "signal"`; by default SIGHUP.'),
  Once: boolean("Write it once and watch nothing."),
  Splay: duration("A random wait before the change takes effect, up to this.", {
    default: 5 * second,
    hcl: attribute(undefined, filled),
  }),
  Perms: string("The file's permissions.", {
    default: "0644",
    hcl: attribute(undefined, filled),
    pattern: { regexp: /^0?[0-7]{3,4}$/, expected: 'permissions in octal such as "0644"' },
  }),
  Uid: optional(integer("The file's user.")),
  Gid: optional(integer("The file's group.")),
  LeftDelim: string("What begins an action.", { default: "{{", hcl: attribute("left_delimiter") }),
  RightDelim: string("What ends an action.", { default: "}}", hcl: attribute("right_delimiter") }),
  Envvars: boolean("The file's lines `NAME=value` become the task's environment.", { hcl: attribute("env") }),
  VaultGrace: duration("", { deprecated: "`vault_grace` has no effect. Remove it." }),
  Wait: optional(wait),
  ErrMissingKey: boolean("A missing key is an error.", { hcl: attribute("error_on_missing_key", filled) }),
});

export type Template = Value<typeof template>;
