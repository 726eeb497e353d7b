import { type Allocation, isTerminal } from "#model/allocation.ts";
import { identitiesOf, type WorkloadIdentity } from "#model/job/identity.ts";
import type { State } from "#state/state.ts";
import { allocations, jobVersions, versionKey } from "../tables.ts";
import type { SigningKey } from "./signing-key.ts";

/** When the last token that a key has signed is over, nanoseconds since 1970, but for those without an end. */
export function lastExpiry({ Since, LongestTTL }: SigningKey): number {
  return Since + LongestTTL;
}

/** An allocation that may hold a token without an end by a key that signs no more. */
export function holderOf(state: State, { Since }: SigningKey): Allocation | undefined {
  return state
    .all(allocations)
    .find(
      (allocation) =>
        allocation.CreateTime <= Since &&
        !isTerminal(allocation.ClientStatus) &&
        identitiesIn(state, allocation).some(({ TTL, Env, File }) => TTL === 0 && (Env || File)),
    );
}

function identitiesIn(
  state: State,
  { Namespace, JobID, JobVersion, TaskGroup }: Allocation,
): WorkloadIdentity[] {
  const job = state.get(jobVersions, versionKey(Namespace, JobID, JobVersion));
  const tasks = job?.TaskGroups.find(({ Name }) => Name === TaskGroup)?.Tasks ?? [];
  return tasks.flatMap(identitiesOf);
}
