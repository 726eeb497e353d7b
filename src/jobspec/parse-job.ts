import type { Diagnostic, Path, SourceRange } from "#model/diagnostic.ts";
import { hasErrors } from "#model/diagnostic.ts";
import type { JobInput } from "#model/job/job.ts";
import { job as jobSchema } from "#model/job/job.ts";
import { suggestion } from "#model/spelling.ts";
import type { AnyBlock, AnyBody, Content } from "./body/body.ts";
import { contentOf } from "./body/body.ts";
import { Positions } from "./body/positions.ts";
import { decodeBody } from "./decode/decode-body.ts";
import { parseDocument } from "./document.ts";
import { Budget } from "./evaluate/budget.ts";
import { evaluate } from "./evaluate/evaluate.ts";
import type { Evaluation, Scope } from "./evaluate/scope.ts";
import { emptyScope, report, within } from "./evaluate/scope.ts";
import type { FileAccess } from "./functions/files.ts";
import { functionTable } from "./functions/table.ts";
import { normalizeJob } from "./normalize.ts";
import type { Source } from "./syntax/source.ts";
import { objectValue } from "./values/value.ts";
import { assignVariables } from "./variables/assignment.ts";
import { readDeclarations } from "./variables/declaration.ts";
import { evaluateLocals } from "./variables/locals.ts";
import { withinBudget } from "./within-budget.ts";

/** A job file and what belongs to it. */
export interface JobFile {
  readonly source: string;
  /** For messages; `input.hcl` where there is no file. */
  readonly filename: string;
  /** Values given by name and text, as by -var. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Files of values, as by -var-file; the later ones win. */
  readonly variableFiles?: readonly { readonly filename: string; readonly source: string }[];
  /** The process's environment, of which NOMAD_VAR_name counts. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What the file functions may read; without it they are disabled. */
  readonly fileAccess?: FileAccess | null;
}

export interface ParsedJob {
  /** Null when there are errors. */
  readonly job: JobInput | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Where a part of the job stands in the file, or the nearest part around it that the file has. */
  readonly positionOf: (path: Path) => SourceRange | null;
}

/** Reads a job file in HCL or its JSON form: https://developer.hashicorp.com/nomad/docs/job-specification */
export function parseJobFile(file: JobFile): ParsedJob {
  const source: Source = { filename: file.filename, text: file.source };
  const diagnostics: Diagnostic[] = [];
  const positions = new Positions(source);
  const evaluation: Evaluation = {
    source,
    functions: functionTable(file.fileAccess ?? null),
    unknownNames: "keep",
    budget: new Budget(),
    diagnostics,
    evaluate,
  };
  const body = parseDocument(source, diagnostics);
  const read =
    body === null || hasErrors(diagnostics)
      ? null
      : withinBudget(evaluation, () => readJob(body, file, positions, evaluation));
  const job = hasErrors(diagnostics) ? null : read;
  return { job, diagnostics, positionOf: (path) => positions.find(job, path) };
}

const blockLabels: Readonly<Record<string, number>> = { variable: 1, variables: 0, locals: 0, job: 1 };

function readJob(
  body: AnyBody,
  file: JobFile,
  positions: Positions,
  evaluation: Evaluation,
): JobInput | null {
  const content = contentOf(
    body,
    (type) => (Object.hasOwn(blockLabels, type) ? (blockLabels[type] ?? null) : null),
    evaluation,
  );
  checkTopLevel(content, evaluation);
  const block = onlyJob(content.blocks, body, evaluation);
  const scope = namesOf(content.blocks, file, evaluation);
  if (block === null || hasErrors(evaluation.diagnostics)) return null;
  const written = decodeBody(jobSchema, block.body, block.typeSpan, scope, {
    evaluation,
    positions,
    lenient: false,
  });
  const job = normalizeJob(written, block.labels[0]?.text ?? "");
  positions.noteObject(job, { start: block.typeSpan.start, end: (block.labels[0] ?? block.typeSpan).end });
  positions.note(job, "ID", block.labels[0] ?? block.typeSpan);
  return job;
}

function checkTopLevel({ attributes, blocks }: Content, evaluation: Evaluation): void {
  const known = Object.keys(blockLabels);
  for (const { name, nameSpan } of attributes) {
    report(
      evaluation,
      nameSpan,
      "Unsupported argument",
      `An argument named ${JSON.stringify(name)} is not expected here: outside of the job block there are ${known.join(", ")} blocks.`,
    );
  }
  for (const { type, typeSpan, labels } of blocks) {
    const wanted = Object.hasOwn(blockLabels, type) ? blockLabels[type] : undefined;
    if (wanted === undefined) {
      report(
        evaluation,
        typeSpan,
        "Unsupported block type",
        `Blocks of type ${JSON.stringify(type)} are not expected here.${suggestion(type, known)}`,
      );
    } else if (labels.length !== wanted) {
      const example = wanted === 0 ? `${type} { … }` : `${type} "name" { … }`;
      report(
        evaluation,
        labels[wanted] ?? typeSpan,
        labels.length < wanted ? `Missing name for ${type}` : `Extraneous label for ${type}`,
        `Write ${example}.`,
      );
    }
  }
}

function onlyJob(blocks: readonly AnyBlock[], body: AnyBody, evaluation: Evaluation): AnyBlock | null {
  const [job, ...others] = blocks.filter(({ type }) => type === "job");
  for (const { typeSpan } of others) {
    report(evaluation, typeSpan, "Duplicate job block", 'Only one block of type "job" is allowed in a file.');
  }
  if (job !== undefined) return job;
  report(
    evaluation,
    { start: body.end, end: body.end },
    "Missing job block",
    'A job block is required: job "example" { … }.',
  );
  return null;
}

/** `var` and `local`. */
function namesOf(blocks: readonly AnyBlock[], file: JobFile, evaluation: Evaluation): Scope {
  const isDeclaration = ({ type }: AnyBlock) => type === "variable" || type === "variables";
  const fixed: Evaluation = { ...evaluation, functions: null, unknownNames: "refuse" };
  const sources = {
    environment: file.environment ?? {},
    files: file.variableFiles ?? [],
    arguments: file.variables ?? {},
  };
  const declarations = readDeclarations(blocks.filter(isDeclaration), fixed);
  const variables = assignVariables(declarations, sources, functionTable(null), fixed);
  const withVariables = within(emptyScope, [
    ["var", objectValue(variables)],
    ["local", objectValue([])],
  ]);
  const locals = evaluateLocals(
    blocks.filter(({ type }) => type === "locals"),
    withVariables,
    evaluation,
  );
  return within(withVariables, [["local", objectValue(locals)]]);
}
