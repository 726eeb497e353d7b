import type { JobDiff } from "#model/job/diff.ts";
import type { Job } from "#model/job/job.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { jobDiffLines } from "../plan/job-diff.ts";
import { resolveJob } from "../resolve.ts";
import { properties } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface History {
  readonly Versions: readonly Job[];
  readonly Diffs: readonly JobDiff[] | null;
}

export default command({
  usage: "<job>",
  help: "Shows the versions of a job that are remembered, the newest first, and with -p what each changed.",
  flags: {
    ...nomadFlags,
    p: { kind: "boolean", doc: "Show what each version changed." },
    full: { kind: "boolean", doc: "Show each version whole, as JSON." },
    version: { kind: "integer", value: "n", doc: "Only this version." },
    "diff-version": { kind: "integer", value: "n", doc: "Show the difference of each version to this one." },
    "diff-tag": { kind: "text", value: "name", doc: "The same, by the version's tag." },
    json: { kind: "boolean", doc: "The answer as JSON." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveJob(api, name, flags.namespace, signal);
    const [diff_version, diff_tag] = [flags["diff-version"], flags["diff-tag"]];
    const diffs = flags.p || diff_version !== undefined || diff_tag !== undefined;
    const query = { namespace: flags.namespace, diffs, diff_version, diff_tag };
    const history = await api.get<History>(`/v1/job/${encodeURIComponent(id)}/versions`, { query, signal });
    const chosen = choose(id, withDiffs(history, diff_version, diff_tag), flags.version);
    if (flags.json || flags.full)
      terminal.print(
        JSON.stringify(
          chosen.map(({ job, diff }) => (diffs ? { Version: job, Diff: diff } : job)),
          null,
          4,
        ),
      );
    else terminal.print(...chosen.flatMap((one) => versionLines(one, terminal)));
    return 0;
  },
});

interface ShownVersion {
  readonly job: Job;
  readonly diff: JobDiff | null;
}

/** Diffs stand for all versions but the last, or but the one that all are compared with. */
function withDiffs({ Versions, Diffs }: History, version?: number, tag?: string): ShownVersion[] {
  const left = [...(Diffs ?? [])];
  const isBase = (job: Job) =>
    tag !== undefined ? job.VersionTag?.Name === tag : version !== undefined && job.Version === version;
  return Versions.map((job) => ({ job, diff: isBase(job) ? null : (left.shift() ?? null) }));
}

function choose(
  id: string,
  versions: readonly ShownVersion[],
  wanted: number | undefined,
): readonly ShownVersion[] {
  const chosen = wanted === undefined ? versions : versions.filter(({ job }) => job.Version === wanted);
  if (chosen.length > 0) return chosen;
  throw new CommandError(
    `no version ${wanted} of job "${id}" is remembered; there are: ${versions.map(({ job }) => job.Version).join(", ")}`,
  );
}

function versionLines({ job, diff }: ShownVersion, terminal: Terminal): string[] {
  const submitted = new Date((job.SubmitTime ?? 0) / 1e6).toISOString().replace(/\.\d+Z$/, "Z");
  return [
    ...properties([
      ["Version", String(job.Version)],
      ["Stable", String(job.Stable)],
      ["Submit Date", submitted],
      ...(job.VersionTag === null ? [] : [["Tag Name", job.VersionTag.Name] as const]),
    ]),
    ...(diff === null ? [] : ["Diff", ...jobDiffLines(diff, { terminal, verbose: false })]),
    "",
  ];
}
