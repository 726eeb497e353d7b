import type { ApiClient } from "./api-client.ts";
import { CommandError } from "./command.ts";
import type { JobListing } from "./views.ts";

/** The job that a user means: by its id, or by a beginning that only one id has. */
export async function resolveJob(
  api: ApiClient,
  name: string,
  namespace: string,
  signal: AbortSignal,
): Promise<string> {
  const jobs = await api.get<JobListing[]>("/v1/jobs", { query: { prefix: name, namespace }, signal });
  const ids = jobs.map((job) => job.ID);
  return ids.includes(name) ? name : single("job", name, ids);
}

/** The id that a user means by the beginning of it, in a list such as `/v1/allocations`. */
export async function resolveId(
  api: ApiClient,
  noun: "allocation" | "node" | "evaluation" | "deployment",
  name: string,
  signal: AbortSignal,
): Promise<string> {
  if (!/^[0-9a-f][0-9a-f-]{0,35}$/i.test(name)) {
    throw new CommandError(
      `"${name}" is no ${noun} id: expected hexadecimal digits, as ${listing[noun]} shows them`,
    );
  }
  if (name.length === 36) return name;
  const query = { prefix: name.toLowerCase(), namespace: "*" };
  const found = await api.get<{ ID: string }[]>(`/v1/${noun}s`, { query, signal });
  return single(
    noun,
    name,
    found.map(({ ID }) => ID),
  );
}

/** The same of a scaling policy. */
export async function resolveScalingPolicy(
  api: ApiClient,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const query = { prefix: name, namespace: "*" };
  const found = await api.get<{ ID: string }[]>("/v1/scaling/policies", { query, signal });
  return single(
    "scaling policy",
    name,
    found.map(({ ID }) => ID),
  );
}

const listing = {
  allocation: "yurt job status <job>",
  node: "yurt node status",
  evaluation: "yurt job status <job>",
  deployment: "yurt job status <job>",
} as const;

function single(noun: string, name: string, ids: readonly string[]): string {
  const [first, ...others] = ids;
  if (first === undefined) throw new CommandError(`there is no ${noun} "${name}"`);
  if (others.length > 0) {
    const shown = ids.slice(0, 10).map((id) => `  ${id}`);
    throw new CommandError(`${ids.length} ${noun}s begin with "${name}":\n${shown.join("\n")}`);
  }
  return first;
}
