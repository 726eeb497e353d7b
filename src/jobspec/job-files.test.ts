import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { admit } from "#connect/admission.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import { hasErrors, inOrder, located } from "#model/diagnostic.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import { job as jobSchema } from "#model/job/job.ts";
import { renderDiagnostic } from "#model/render-diagnostic.ts";
import type { Schema } from "#model/schema/schema.ts";
import { matchGolden } from "../../test/support/golden.ts";
import type { JobFile } from "./parse-job.ts";
import { parseJobFile } from "./parse-job.ts";

/**
 * The job files of test/jobspec. Those of jobs/ are right: beside each stands the canonical job as the API shows it,
 * without the fields that are empty. Those of bad/ are wrong: beside each stands what is said of them.
 */
const root = fileURLToPath(new URL("../../test/jobspec", import.meta.url));

const files = (folder: string) => globSync(join(root, folder, "**/*.nomad.{hcl,json}")).sort();

/** A file may say in comments how it is to be read: `# -var name=value`, `# -var-file name`, `# NOMAD_VAR_x=y`. */
function jobFile(path: string): JobFile {
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

/** Without the fields that say nothing, so that a reader sees what was said. */
function essence(schema: Schema, value: unknown): unknown {
  if (schema.kind === "list") return (value as unknown[]).map((item) => essence(schema.items, item));
  if (schema.kind === "map")
    return Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [key, essence(schema.values, item)]),
    );
  if (schema.kind !== "object") return value;
  const given = Object.entries(schema.fields).filter(([name, field]) => !isEmpty(field, part(value, name)));
  return Object.fromEntries(given.map(([name, field]) => [name, essence(field, part(value, name))]));
}

function part(value: unknown, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}

function isEmpty({ kind }: Schema, value: unknown): boolean {
  return !value || ((kind === "list" || kind === "map") && Object.keys(value).length === 0);
}

/** What is not carried out changes from version to version, and not by what the parser does. */
function lasting(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ summary }) => summary !== "Not carried out");
}

function read(path: string) {
  const file = jobFile(path);
  const parsed = parseJobFile(file);
  const admission = parsed.job === null ? null : admit(parsed.job);
  const diagnostics = inOrder(
    lasting([...parsed.diagnostics, ...located(admission?.diagnostics ?? [], parsed.positionOf)]),
  );
  const sources = new Map(
    [file, ...(file.variableFiles ?? [])].map(({ filename, source }) => [filename, source]),
  );
  const told = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, { sources }));
  return { input: parsed.job, diagnostics, told: told.join("\n\n").replaceAll(process.cwd(), "<here>") };
}

describe("job files", () => {
  for (const path of files("jobs")) {
    it(path.slice(root.length + 1), () => {
      const { input, told, diagnostics } = read(path);
      assert.ok(input !== null && !hasErrors(diagnostics), told);
      const golden = `${JSON.stringify(essence(jobSchema, canonicalize(input)), null, 2)}\n`;
      matchGolden(path.replace(/\.nomad\.(hcl|json)$/, ".golden.json"), golden);
    });
  }
});

describe("bad job files", () => {
  for (const path of files("bad")) {
    it(path.slice(root.length + 1), () => {
      const { diagnostics, told } = read(path);
      assert.ok(hasErrors(diagnostics), "no error was found");
      assert.ok(
        diagnostics.every(({ range }) => range !== undefined),
        `an error has no place:\n${told}`,
      );
      matchGolden(path.replace(/\.nomad\.(hcl|json)$/, ".txt"), `${told}\n`);
    });
  }
});
