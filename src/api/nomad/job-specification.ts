import type { FastifyInstance } from "fastify";
import { admit } from "#connect/admission.ts";
import { inOrder } from "#model/diagnostic.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import { job as jobSchema } from "#model/job/job.ts";
import { renderDiagnostic } from "#model/render-diagnostic.ts";
import { spreadOut } from "#model/schema/spread-out.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { bodyOf, readJob, sentence, warningsOf } from "./job-body.ts";

const WRITE = ["PUT", "POST"];

/** Job files as text, and jobs that are only looked at. Nothing here is stored, and no file is read. */
export function jobSpecificationRoutes(app: FastifyInstance, { agent: { sidecarDriver } }: ApiContext): void {
  app.route({
    method: WRITE,
    url: "/v1/jobs/parse",
    handler: async (request) => {
      const { JobHCL, Variables, Canonicalize } = bodyOf(request);
      if (typeof JobHCL !== "string" || JobHCL.trim() === "") throw badRequest("Job spec is empty");
      const job = await parsed(JobHCL, typeof Variables === "string" ? Variables : "");
      return Canonicalize === true ? canonicalize(job) : spreadOut(jobSchema, job);
    },
  });

  app.route({
    method: WRITE,
    url: "/v1/validate/job",
    handler: async (request) => {
      const { input, warnings } = readJob(bodyOf(request)["Job"]);
      const diagnostics = [...warnings, ...admit(input, sidecarDriver).diagnostics];
      const errors = diagnostics.filter(({ severity }) => severity === "error").map(sentence);
      return {
        DriverConfigValidated: true,
        ValidationErrors: errors.length > 0 ? errors : null,
        Error: errors.join("\n"),
        Warnings: warningsOf(diagnostics),
        // Yurt's own: everything with its path, for those who know the source.
        Diagnostics: diagnostics,
      };
    },
  });
}

/** Nomad calls the text so, whatever file it came from. */
const filename = "input.hcl";

/** `variables`: what a file given by -var-file would hold. */
async function parsed(source: string, variables: string) {
  // Commands read files themselves: most agents never do, and hold some megabytes less.
  const { parseJobFile } = await import("#jobspec/parse-job.ts");
  const variableFiles = variables.trim() === "" ? [] : [{ filename: "input.hclvars", source: variables }];
  const { job, diagnostics } = parseJobFile({ source, filename, variableFiles });
  if (job !== null) return job;
  const sources = new Map(
    [{ filename, source }, ...variableFiles].map((file) => [file.filename, file.source]),
  );
  const told = inOrder(diagnostics).map((diagnostic) => renderDiagnostic(diagnostic, { sources }));
  throw badRequest(`Failed to parse job: ${told.join("\n\n")}`);
}
