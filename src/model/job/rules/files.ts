import { join } from "node:path/posix";
import type { Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { formatDuration } from "../../schema/duration.ts";
import { artifact } from "../artifact.ts";
import { task } from "../task.ts";
import { changeScript, template, wait } from "../template.ts";

/** Whether a path inside a task's directory leaves the allocation's, which lies one level above. */
export function escapesAllocation(path: string): boolean {
  return !`${join("/allocation/task", path)}/`.startsWith("/allocation/");
}

const escapes = "The destination escapes the allocation's directory.";

/** Two templates of a task must not write the same file. */
function repeatedDestinations(templates: readonly { readonly DestPath: string }[]) {
  return templates.flatMap(({ DestPath }, index) => {
    const first = templates.findIndex((other) => other.DestPath === DestPath);
    return first < index && DestPath !== ""
      ? [
          {
            at: ["Templates", index, "DestPath"],
            detail: `Template ${index + 1} has the same destination as template ${first + 1}.`,
          },
        ]
      : [];
  });
}

export const fileRules: readonly Rule[] = [
  rule(task, "Templates", ({ Templates }) => repeatedDestinations(Templates)),
  rule(
    template,
    null,
    ({ SourcePath, EmbeddedTmpl }) =>
      SourcePath === "" &&
      EmbeddedTmpl === "" &&
      "A template needs its text (data) or the file that holds it (source).",
  ),
  rule(template, null, ({ DestPath }) => DestPath === "" && "A template needs a destination."),
  rule(template, "DestPath", ({ DestPath }) => escapesAllocation(DestPath) && escapes),
  rule(
    template,
    "ChangeSignal",
    ({ ChangeMode, ChangeSignal }) =>
      ChangeMode === "signal" && ChangeSignal === "" && 'change_mode = "signal" needs change_signal.',
  ),
  rule(
    template,
    "Envvars",
    ({ ChangeMode, Envvars }) =>
      ChangeMode === "signal" &&
      Envvars &&
      "Signals cannot be used with env: a running task's environment does not change.",
  ),
  rule(
    template,
    "ChangeScript",
    ({ ChangeMode, ChangeScript }) =>
      ChangeMode === "script" &&
      ChangeScript === null &&
      'change_mode = "script" needs a change_script block.',
  ),
  rule(changeScript, "Command", ({ Command }) => Command === "" && "The script needs a command."),
  rule(template, "Splay", ({ Splay }) => Splay < 0 && "splay must be positive."),
  rule(
    wait,
    "Min",
    ({ Min, Max }) =>
      Min !== null &&
      Max !== null &&
      Min > Max &&
      `The wait's min, ${formatDuration(Min)}, is greater than its max, ${formatDuration(Max)}.`,
  ),
  rule(artifact, null, ({ GetterSource }) => GetterSource === "" && "An artifact needs a source."),
  rule(artifact, "RelativeDest", ({ RelativeDest }) => escapesAllocation(RelativeDest) && escapes),
  rule(artifact, "GetterOptions", ({ GetterOptions }) => {
    const checksum = GetterOptions["checksum"];
    const detail = checksum === undefined ? null : checksumProblem(checksum);
    return detail !== null && [{ at: ["GetterOptions", "checksum"], detail }];
  }),
];

const digestBytes: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 };

function checksumProblem(checksum: string): string | null {
  if (checksum.includes("${")) return null;
  const [type = "", value, ...rest] = checksum.trim().split(":");
  if (value === undefined || rest.length > 0)
    return `A checksum is given as "type:value", not ${JSON.stringify(checksum)}.`;
  const bytes = digestBytes[type];
  if (bytes === undefined)
    return `Unsupported checksum type ${JSON.stringify(type)}: use md5, sha1, sha256 or sha512.`;
  return /^[0-9a-f]*$/i.test(value) && value.length === bytes * 2
    ? null
    : `Invalid ${type} checksum: it has ${bytes * 2} hexadecimal digits.`;
}
