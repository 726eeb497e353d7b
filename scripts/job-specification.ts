/**
 * Writes docs/job-specification.md and docs/job-specification.schema.json from the schema of the job:
 * `node scripts/job-specification.ts`.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { job } from "#model/job/job.ts";
import { notCarriedOut } from "#model/job/not-carried-out.ts";
import { toJsonSchema } from "#model/schema/json-schema.ts";
import { toReference } from "#model/schema/reference.ts";

const introduction = `A job file is written in [HCL](https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md), or in its JSON
form, as for Nomad. It holds one \`job\` block, and may hold \`variable\`, \`variables\` and \`locals\` blocks beside it.
Every block of the job may be made by a \`dynamic\` block. Durations are written as \`"1h30m"\`; a bare number counts
nanoseconds.

This page is made from the schema that reads job files: \`node scripts/job-specification.ts\` writes it anew.`;

/** The generated files, by their paths from the root of the repository. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    "docs/job-specification.md": toReference({
      title: "The job specification",
      introduction,
      schemas: [job],
      notCarriedOut,
      names: "HCL",
    }),
    "docs/job-specification.schema.json": `${JSON.stringify(toJsonSchema(job, "A job, as the HTTP API takes it"), null, 1)}\n`,
  };
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(generatedFiles())) {
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), content);
  }
}
