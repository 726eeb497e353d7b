import { toHcl } from "#jobspec/print/to-hcl.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import type { Job } from "#model/job/job.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job>",
  help: "Shows a job as it is stored: as the API's JSON, or with -hcl as a job file, in which what holds anyway is left out. Its proxies, which admission added, are part of it.",
  flags: {
    ...nomadFlags,
    hcl: { kind: "boolean", doc: "As a job file." },
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
    terminal.print(flags.hcl ? toHcl(canonicalize(job)).trimEnd() : JSON.stringify({ Job: job }, null, 4));
    return 0;
  },
});
