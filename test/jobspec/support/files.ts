import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { JobFile } from "#jobspec/parse-job.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The paths of the job files below a folder of test/jobspec. */
export function jobFiles(folder: "jobs" | "bad"): string[] {
  return globSync(join(root, folder, "**/*.nomad.{hcl,json}")).sort();
}

export function titleOf(path: string): string {
  return relative(root, path);
}

/** A file may say in comments how it is to be read: `# -var name=value`, `# -var-file name`, `# NOMAD_VAR_x=y`. */
export function readJobFile(path: string): JobFile {
  const source = readFileSync(path, "utf8");
  const given = (pattern: RegExp) => Array.from(source.matchAll(pattern), ([, text = ""]) => text);
  const assignments = (texts: readonly string[]) =>
    Object.fromEntries(texts.map((text) => [text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1)]));
  return {
    source,
    filename: basename(path),
    variables: assignments(given(/^# -var (\S+=.*)$/gm)),
    variableFiles: given(/^# -var-file (\S+)$/gm).map((filename) => ({
      filename,
      source: readFileSync(join(dirname(path), filename), "utf8"),
    })),
    environment: assignments(given(/^# (NOMAD_VAR_\w+=.*)$/gm)),
    fileAccess: { directory: dirname(path), roots: [dirname(path)] },
  };
}
