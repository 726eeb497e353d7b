import { toHcl } from "#jobspec/print/to-hcl.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import type { Job } from "#model/job/job.ts";
import type { JobSubmission } from "#model/job/submission.ts";
import { type ApiClient, ApiError } from "../api-client.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { resolveJob } from "../resolve.ts";
import type { Terminal } from "../terminal.ts";

export default command({
  usage: "<job>",
  help: "Shows a job as it is stored: as the API's JSON, or with -hcl as the file that it was written as. Where the servers do not have that, as for a job that was sent as JSON, -hcl makes a file of what is stored, in which what holds anyway is left out and the proxies that admission added are part.",
  flags: {
    ...nomadFlags,
    hcl: { kind: "boolean", doc: "As a job file." },
    "with-vars": { kind: "boolean", doc: "With -hcl: the values of its variables before it, as comments." },
    json: { kind: "boolean", doc: "As JSON, which is the default." },
    version: { kind: "integer", value: "n", doc: "An earlier version of the job." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    if (flags.hcl && flags.json) throw new CommandError("-hcl and -json exclude one another");
    const api = nomadApi(flags);
    const id = await resolveJob(api, name, flags.namespace, signal);
    const query = { namespace: flags.namespace };
    const url = `/v1/job/${encodeURIComponent(id)}`;
    const job =
      flags.version === undefined
        ? await api.get<Job>(url, { query, signal })
        : (await api.get<{ Versions: Job[] }>(`${url}/versions`, { query, signal })).Versions.find(
            ({ Version }) => Version === flags.version,
          );
    if (job === undefined)
      throw new CommandError(
        `no version ${flags.version} of job "${id}" is remembered. See: yurt job history ${id}`,
      );
    if (!flags.hcl) {
      terminal.print(JSON.stringify({ Job: job }, null, 4));
      return 0;
    }
    const written = await writtenAs(api, job, signal);
    if (flags["with-vars"] && written !== null) printVariables(terminal, written);
    terminal.print((written?.Source ?? toHcl(canonicalize(job))).trimEnd());
    return 0;
  },
});

/** Null where the servers have no HCL of this version. */
async function writtenAs(
  api: ApiClient,
  { ID, Namespace, Version }: Job,
  signal: AbortSignal,
): Promise<JobSubmission | null> {
  const query = { namespace: Namespace, version: Version };
  const url = `/v1/job/${encodeURIComponent(ID)}/submission`;
  try {
    const found = await api.get<JobSubmission>(url, { query, signal });
    return found.Format === "hcl2" ? found : null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function printVariables(terminal: Terminal, { VariableFlags, Variables }: JobSubmission): void {
  const flags = Object.entries(VariableFlags).map(([name, value]) => `# ${name} = ${JSON.stringify(value)}`);
  const files =
    Variables === ""
      ? []
      : Variables.trimEnd()
          .split("\n")
          .map((line) => `# ${line}`);
  for (const line of [...flags, ...files]) terminal.print(line);
}
