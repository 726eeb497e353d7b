import type { Command, Flag } from "./command.ts";
import { commands } from "./commands.ts";
import { table } from "./table.ts";

/** The list of commands, or of those in one group. */
export function overview(group: string | null): string[] {
  const names = Object.keys(commands).filter((name) => group === null || name.startsWith(`${group} `));
  const rows = names.map((name) => [`  ${name}`, commands[name] ?? ""]);
  const [, ...lines] = table(["", ""], rows);
  return [
    `Usage: yurt ${group === null ? "" : `${group} `}<command> [options] [arguments]`,
    "",
    ...lines,
    "",
    "yurt <command> -help tells more about one of them.",
  ];
}

export function commandHelp(name: string, command: Command): string[] {
  const flags = Object.entries(command.flags);
  return [
    `Usage: yurt ${name} ${flags.length > 0 ? "[options] " : ""}${command.usage}`.trimEnd(),
    "",
    ...paragraph(command.help, "  "),
    ...(flags.length > 0 ? ["", "Options:"] : []),
    ...flags.flatMap(([flag, spec]) => [
      "",
      `  -${flag}${placeholder(spec)}`,
      ...paragraph(describe(spec), "      "),
    ]),
  ];
}

function placeholder(spec: Flag): string {
  return spec.kind === "boolean" ? "" : `=<${spec.value}>`;
}

function describe(spec: Flag): string {
  const notes: string[] = [];
  if (spec.kind === "text" && spec.environment) notes.push(`Taken from ${spec.environment} when not given.`);
  if (spec.kind === "duration" && spec.default !== undefined) notes.push(`Default ${spec.default / 1000}s.`);
  else if (spec.kind !== "texts" && spec.default !== undefined && spec.default !== "")
    notes.push(`Default ${spec.default}.`);
  return [spec.doc, ...notes].join(" ");
}

function paragraph(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + word.length + 1 > 90) {
      lines.push(indent + line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return line === "" ? lines : [...lines, indent + line];
}
