import type { FieldDiff, JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff } from "#model/job/diff.ts";
import type { Terminal } from "../terminal.ts";

/** How a diff is shown: in Nomad's format, which people know by heart. */
export interface DiffStyle {
  readonly terminal: Terminal;
  /** Also what new or deleted jobs, groups and tasks consist of. */
  readonly verbose: boolean;
}

type Type = FieldDiff["Type"];

const marks = { Added: "+ ", Deleted: "- ", Edited: "+/- ", None: "" } as const;
const colours = { Added: "green", Deleted: "red", Edited: "yellow" } as const;

export function jobDiffLines(job: JobDiff, style: DiffStyle): string[] {
  const content = job.Type === "Edited" || style.verbose ? partLines(job, 0, style) : [];
  const width = widestMark([...job.Fields, ...job.Objects, ...job.TaskGroups]);
  return [
    `${mark(job.Type, style)}${bold(`Job: ${quoted(job.ID)}`, style)}`,
    ...withGap(content),
    ...job.TaskGroups.flatMap((group) => [...groupLines(group, width, style), ""]),
  ];
}

function groupLines(group: TaskGroupDiff, width: number, style: DiffStyle): string[] {
  const indent = width - marks[group.Type].length;
  const content = group.Type === "Edited" || style.verbose ? partLines(group, indent + 2, style) : [];
  const taskWidth = widestMark([...group.Fields, ...group.Objects, ...group.Tasks]);
  const title = bold(`Task Group: ${quoted(group.Name)}`, style);
  return [
    `${mark(group.Type, style)}${spaces(indent)}${title}${updates(group, style)}`,
    ...withGap(content),
    ...group.Tasks.flatMap((task) => taskLines(task, indent + 2, taskWidth, style)),
  ];
}

function updates({ Updates }: TaskGroupDiff, { terminal }: DiffStyle): string {
  const counts = Object.entries(Updates)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => terminal.style(colourOf(name), `${count} ${name}`));
  return counts.length === 0 ? "" : ` (${counts.join(", ")})`;
}

function colourOf(update: string): "green" | "red" | "yellow" | "cyan" | "blue" | "white" {
  if (update === "create") return "green";
  if (update === "destroy") return "red";
  if (update === "in-place update") return "cyan";
  if (update === "migrate") return "blue";
  return update === "ignore" ? "white" : "yellow";
}

function taskLines(task: TaskDiff, indent: number, width: number, style: DiffStyle): string[] {
  const { terminal } = style;
  const notes = task.Annotations.map((note) => terminal.style(noteColour(note), note)).join(", ");
  const title = bold(`Task: ${quoted(task.Name)}`, style);
  const head = `${spaces(indent)}${mark(task.Type, style)}${spaces(width - marks[task.Type].length)}${title}${notes === "" ? "" : ` (${notes})`}`;
  const isShown = task.Type === "Edited" || (task.Type !== "None" && style.verbose);
  return isShown ? [head, ...partLines(task, indent + 2, style)] : [head];
}

function noteColour(note: string): "green" | "red" | "yellow" | "cyan" {
  if (note === "forces create") return "green";
  if (note === "forces destroy") return "red";
  return note === "forces in-place update" ? "cyan" : "yellow";
}

interface Parts {
  readonly Fields: readonly FieldDiff[];
  readonly Objects: readonly ObjectDiff[];
}

/** Fields with their values below one another, then the objects. */
function partLines({ Fields, Objects }: Parts, indent: number, style: DiffStyle): string[] {
  const width = widestMark([...Fields, ...Objects]);
  const longest = Math.max(0, ...Fields.map(({ Name }) => Name.length));
  return [
    ...Fields.map((field) => fieldLine(field, indent, width, longest, style)),
    ...Objects.flatMap((object) => objectLines(object, indent, width, style)),
  ];
}

function fieldLine(
  { Type, Name, Old, New, Annotations }: FieldDiff,
  indent: number,
  width: number,
  longest: number,
  style: DiffStyle,
): string {
  const value =
    Type === "Edited" ? `${quoted(Old)} => ${quoted(New)}` : quoted(Type === "Deleted" ? Old : New);
  const notes = Annotations.map((note) => style.terminal.style(noteColour(note), note)).join(", ");
  return `${spaces(indent)}${mark(Type, style)}${spaces(width - marks[Type].length)}${Name}: ${spaces(longest - Name.length)}${value}${notes === "" ? "" : ` (${notes})`}`;
}

function objectLines(object: ObjectDiff, indent: number, width: number, style: DiffStyle): string[] {
  const { Type, Name } = object;
  const before = width - marks[Type].length;
  return [
    `${spaces(indent)}${mark(Type, style)}${spaces(before)}${Name} {`,
    ...partLines(object, indent + before + 2, style),
    `${spaces(indent + width)}}`,
  ];
}

function widestMark(parts: readonly { readonly Type: Type }[]): number {
  return Math.max(0, ...parts.map(({ Type }) => marks[Type].length));
}

function mark(type: Type, { terminal }: DiffStyle): string {
  return type === "None" ? "" : terminal.style(colours[type], marks[type]);
}

function bold(text: string, { terminal }: DiffStyle): string {
  return terminal.style("bold", text);
}

function withGap(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}

function spaces(count: number): string {
  return " ".repeat(Math.max(0, count));
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
