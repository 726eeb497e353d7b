import type { Variable } from "#model/variable.ts";
import type { State } from "#state/state.ts";
import { keyOf, type Row } from "#state/table.ts";
import { variables } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** Somebody else has changed the variable meanwhile. */
export class VariableConflict extends Error {
  override readonly name = "VariableConflict";
  /** As it stands; undefined when there is none. */
  readonly current: Row<Variable> | undefined;

  constructor(current: Row<Variable> | undefined) {
    super("the variable has another index than was expected");
    this.current = current;
  }
}

export function variableAt(state: State, namespace: string, path: string): Row<Variable> | undefined {
  return state.get(variables, keyOf(namespace, path));
}

/** In the order of their paths. `namespace` may be `*`. */
export function variablesBelow(state: State, namespace: string, prefix: string): Row<Variable>[] {
  return state
    .all(variables)
    .filter(
      ({ Namespace, Path }) => (namespace === "*" || Namespace === namespace) && Path.startsWith(prefix),
    )
    .sort((a, b) => (a.Path < b.Path ? -1 : 1));
}

/** With `cas`, only if it is still at that index, 0 meaning absent; throws a {@link VariableConflict} otherwise. */
export async function putVariable(
  state: State,
  { Namespace, Path, Items }: Pick<Variable, "Namespace" | "Path" | "Items">,
  cas?: number,
): Promise<Row<Variable>> {
  const key = keyOf(Namespace, Path);
  await state.transact((tx) => {
    const before = tx.get(variables, key);
    if (cas !== undefined && (before?.ModifyIndex ?? 0) !== cas) throw new VariableConflict(before);
    const ModifyTime = nanosecondsNow();
    tx.put(variables, key, {
      Namespace,
      Path,
      Items,
      CreateTime: before?.CreateTime ?? ModifyTime,
      ModifyTime,
    });
  });
  const written = state.get(variables, key);
  if (written === undefined) throw new VariableConflict(undefined);
  return written;
}

export async function deleteVariable(
  state: State,
  namespace: string,
  path: string,
  cas?: number,
): Promise<void> {
  await state.transact((tx) => {
    const before = tx.get(variables, keyOf(namespace, path));
    if (cas !== undefined && (before?.ModifyIndex ?? 0) !== cas) throw new VariableConflict(before);
    if (before !== undefined) tx.delete(variables, keyOf(namespace, path));
  });
}
