import type { ApiClient } from "./api-client.ts";
import { CommandError } from "./command.ts";
import { resolveId } from "./resolve.ts";
import type { AllocationDetail } from "./views.ts";

/** The task that a user means: the named one, or the only one that is no proxy. */
export async function chooseTask(
  api: ApiClient,
  allocationName: string,
  taskName: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly allocation: string; readonly task: string }> {
  const allocation = await resolveId(api, "allocation", allocationName, signal);
  const { Job, TaskGroup } = await api.get<AllocationDetail>(`/v1/allocation/${allocation}`, { signal });
  const tasks = Job?.TaskGroups.find((group) => group.Name === TaskGroup)?.Tasks ?? [];
  const names = tasks.map((task) => task.Name);
  if (taskName !== undefined) {
    if (names.includes(taskName)) return { allocation, task: taskName };
    throw new CommandError(`the allocation has no task "${taskName}"; it has: ${names.join(", ")}`);
  }
  const [only, ...others] =
    names.length === 1 ? names : tasks.filter((task) => task.Kind === "").map((task) => task.Name);
  if (only !== undefined && others.length === 0) return { allocation, task: only };
  throw new CommandError(`the allocation has several tasks; name one of them: ${names.join(", ")}`);
}
