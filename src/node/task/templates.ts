import { constants } from "node:fs";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Template } from "#model/job/template.ts";
import type { TaskFolder } from "../allocation/folders.ts";
import type { TaskView } from "../drivers/driver.ts";
import { interpolate, type References } from "../environment/interpolation.ts";
import type { Account } from "../host/accounts.ts";
import { containedPath } from "../host/contained-path.ts";

export interface TemplateParts {
  readonly folder: TaskFolder;
  /** The folders as the task sees them: a destination may be given so. */
  readonly view: TaskView;
  readonly owner: Account;
  readonly references: References;
}

/** Writes a task's template files. Gives the variables of those that are for its environment. */
export async function writeTemplates(
  templates: readonly Template[],
  parts: TemplateParts,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const template of templates) {
    const text = await textOf(template, parts);
    await writeFile(template, text, parts);
    if (template.Envvars) Object.assign(variables, readVariables(text, template.DestPath));
  }
  return variables;
}

async function textOf(template: Template, { folder, references }: TemplateParts): Promise<string> {
  const { EmbeddedTmpl, SourcePath, LeftDelim, DestPath } = template;
  const text =
    SourcePath === ""
      ? EmbeddedTmpl
      : await readFile(await containedPath(folder.root, interpolate(SourcePath, references)), "utf8");
  if (text.includes(LeftDelim)) {
    throw new Error(
      `template "${DestPath}": this node writes templates as they are, without actions (${LeftDelim} …)`,
    );
  }
  return text;
}

async function writeFile(template: Template, text: string, parts: TemplateParts): Promise<void> {
  const destination = interpolate(template.DestPath, parts.references);
  const { root, path } = place(destination, parts);
  const target = await containedPath(root, path);
  await mkdir(dirname(target), { recursive: true });
  // The file of an earlier start may have become the task's; a new one cannot be a link to elsewhere.
  await rm(target, { force: true });
  const file = await open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(text);
    await file.chown(template.Uid ?? parts.owner.uid, template.Gid ?? parts.owner.gid);
    await file.chmod(Number.parseInt(template.Perms, 8));
  } finally {
    await file.close();
  }
}

/** The folder of the host that a destination is in, and the way on from there. */
function place(destination: string, { folder, view }: TemplateParts): { root: string; path: string } {
  const views = [
    { seen: view.alloc, root: folder.alloc },
    { seen: view.local, root: folder.local },
    { seen: view.secrets, root: folder.secrets },
    { seen: view.tmp, root: folder.tmp },
    { seen: folder.root, root: folder.root },
  ];
  const found = views.find(({ seen }) => destination === seen || destination.startsWith(`${seen}/`));
  if (found !== undefined) return { root: found.root, path: relative(found.seen, destination) };
  return { root: folder.root, path: join(".", destination) };
}

/** Lines `NAME=value`; empty lines and those that begin with `#` are left out, quotes round a value taken off. */
export function readVariables(text: string, template: string): Record<string, string> {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = /^(?:export\s+)?([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (name === "") throw new Error(`template "${template}": "${line}" is not of the form NAME=value`);
      return [name, unquoted(value)];
    }),
  );
}

function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/s.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replaceAll("\\n", "\n").replaceAll('\\"', '"') : inner;
}
