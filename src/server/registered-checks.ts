import { checks } from "#mesh/tables.ts";
import type { HealthCheck } from "#model/catalog.ts";
import type { State, StateChange } from "#state/state.ts";
import type { Row } from "#state/table.ts";

/** A check that its node runs, or null when it is gone. */
export interface RegisteredCheckChange {
  readonly id: string;
  readonly check: HealthCheck | null;
}

/** The checks of a node that were registered by hand: all of them first, then each that changes. */
export async function* registeredChecks(
  state: State,
  node: string,
  signal: AbortSignal,
): AsyncGenerator<readonly RegisteredCheckChange[]> {
  const changed = new Map<string, HealthCheck | null>();
  let wake = () => {};
  const stop = state.observe((change) => {
    for (const [id, check] of definitionsIn(change, node)) changed.set(id, check);
    if (changed.size > 0) wake();
  });
  signal.addEventListener("abort", () => wake());
  try {
    for (const check of state.find(checks, "node", node))
      if (check.Definition) changed.set(check.CheckID, check);
    while (!signal.aborted) {
      const all = [...changed].map(([id, check]) => ({ id, check }));
      changed.clear();
      if (all.length > 0) yield all;
      else {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    }
  } finally {
    stop();
  }
}

/** Definitions that a commit changed; a new status is no change of one. */
function* definitionsIn({ changes }: StateChange, node: string): Generator<[string, HealthCheck | null]> {
  for (const { before, after } of changes.get(checks.name) ?? []) {
    const [old, now] = [before as Row<HealthCheck> | null, after as Row<HealthCheck> | null];
    if ((now ?? old)?.Node !== node || sameDefinition(old, now)) continue;
    yield [(now ?? old)?.CheckID ?? "", now?.Definition ? now : null];
  }
}

function sameDefinition(before: HealthCheck | null, after: HealthCheck | null): boolean {
  return (
    before?.ServiceID === after?.ServiceID &&
    JSON.stringify(before?.Definition) === JSON.stringify(after?.Definition)
  );
}
