import { admit } from "#connect/admission.ts";
import { formatSource } from "#jobspec/format/format.ts";
import { parseJobFile } from "#jobspec/parse-job.ts";
import { toHcl } from "#jobspec/print/to-hcl.ts";
import { hasErrors, located } from "#model/diagnostic.ts";
import { renderDiagnostic } from "#model/render-diagnostic.ts";

const filename = "fuzz.nomad.hcl";

/**
 * Does with a text all that the commands do with a job file. Throws where something is not as it must be: an error
 * without a place, a rejection without an error, a formatted text that is formatted otherwise or no longer read.
 */
export function checkText(source: string): void {
  const { job, diagnostics, positionOf } = parseJobFile({ source, filename });
  if (job === null && !hasErrors(diagnostics)) throw new Error("a file is refused without a reason");
  const admission = job === null ? null : admit(job);
  const told = [...diagnostics, ...located(admission?.diagnostics ?? [], positionOf)];
  const sources = new Map([[filename, source]]);
  for (const diagnostic of told) {
    const text = renderDiagnostic(diagnostic, { sources });
    if (diagnostic.severity === "error" && diagnostic.range === undefined)
      throw new Error(`no place: ${text}`);
    if (text.length > 20_000) throw new Error(`an error of ${text.length} characters`);
  }
  checkFormat(source);
  if (admission?.job) checkPrinted(toHcl(admission.job));
}

function checkFormat(source: string): void {
  const { text } = formatSource({ filename, text: source });
  if (text === null) return;
  const again = formatSource({ filename, text }).text;
  if (again !== text) throw new Error("a formatted text is formatted again");
}

function checkPrinted(source: string): void {
  const { job, diagnostics } = parseJobFile({ source, filename });
  if (job !== null) return;
  const told = diagnostics.map((diagnostic) =>
    renderDiagnostic(diagnostic, { sources: new Map([[filename, source]]) }),
  );
  throw new Error(`a printed job is not read:\n${told.join("\n")}\n${source}`);
}
