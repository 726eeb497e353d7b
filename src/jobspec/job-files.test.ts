import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { admit } from "#connect/admission.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import { hasErrors, inOrder, located } from "#model/diagnostic.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import { job as jobSchema } from "#model/job/job.ts";
import { renderDiagnostic } from "#model/render-diagnostic.ts";
import type { Schema } from "#model/schema/schema.ts";
import { jobFiles, readJobFile, titleOf } from "../../test/jobspec/support/files.ts";
import { matchGolden } from "../../test/support/golden.ts";
import { parseJobFile } from "./parse-job.ts";

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
  const file = readJobFile(path);
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

/**
 * The files of jobs/ are right: beside each stands the canonical job as the API shows it, without the fields that are
 * empty. Those of bad/ are wrong: beside each stands what is said of them.
 */
describe("job files", () => {
  for (const path of jobFiles("jobs")) {
    it(titleOf(path), () => {
      const { input, told, diagnostics } = read(path);
      assert.ok(input !== null && !hasErrors(diagnostics), told);
      const golden = `${JSON.stringify(essence(jobSchema, canonicalize(input)), null, 2)}\n`;
      matchGolden(path.replace(/\.nomad\.(hcl|json)$/, ".golden.json"), golden);
    });
  }
});

describe("bad job files", () => {
  for (const path of jobFiles("bad")) {
    it(titleOf(path), () => {
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
