import type { TaskGroup } from "#model/job/group.ts";
import type { JobInput } from "#model/job/job.ts";
import type { Secret } from "#model/job/secret.ts";
import type { Task } from "#model/job/task.ts";
import type { Vault } from "#model/job/vault.ts";
import type { Input } from "#model/schema/schema.ts";

/** What a job or a group in HCL may hand down to its tasks. */
interface HandedDown {
  Vault?: Input<Vault> | null;
  Secrets?: Input<Secret>[] | null;
}

/** A job as HCL writes it: with tasks outside of groups, and with blocks that its tasks inherit. */
export type WrittenJob = JobInput & HandedDown & { Tasks?: Input<Task>[] | null };

type WrittenGroup = Input<TaskGroup> & HandedDown;

/** Brings a job into the form that the API knows: in place. */
export function normalizeJob(job: WrittenJob, label: string): JobInput {
  const { Tasks, ...handedDown } = taken(job, ["Tasks", "Vault", "Secrets"]);
  const alone = (Tasks ?? []).map((task): WrittenGroup => ({ Name: task.Name ?? "", Tasks: [task] }));
  job.ID ??= label;
  job.Name ??= label;
  if (job.Periodic?.Spec || job.Periodic?.Specs) job.Periodic.SpecType = "cron";
  if (alone.length > 0) job.TaskGroups = [...alone, ...(job.TaskGroups ?? [])];
  for (const group of job.TaskGroups ?? []) normalizeGroup(group, handedDown);
  return job;
}

/** Takes properties out of an object. */
function taken<T extends object, K extends keyof T>(object: T, names: readonly K[]): Pick<T, K> {
  const values = Object.fromEntries(names.map((name) => [name, object[name]])) as Pick<T, K>;
  for (const name of names) Reflect.deleteProperty(object, name);
  return values;
}

function normalizeGroup(group: WrittenGroup, outer: HandedDown): void {
  const { Vault, Secrets } = taken(group, ["Vault", "Secrets"]);
  for (const task of group.Tasks ?? []) {
    const vault = task.Vault ?? Vault ?? outer.Vault;
    if (vault) task.Vault = vault;
    const secrets = [...(task.Secrets ?? []), ...(Secrets ?? []), ...(outer.Secrets ?? [])];
    if (secrets.length > 0) task.Secrets = secrets;
  }
}
