import { checkKey, checks, serviceKey, services } from "#mesh/tables.ts";
import type { CheckStatus, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";

/** The services of one allocation and their checks, as they should stand in the catalog. */
export interface Registrations {
  readonly instances: readonly ServiceInstance[];
  readonly checks: readonly HealthCheck[];
}

/** Makes the catalog hold exactly these services for an allocation. A check that is known keeps its status. */
export async function putServices(state: State, allocation: string, wanted: Registrations): Promise<void> {
  await state.transact((tx) => {
    const before = state.find(services, "allocation", allocation);
    const kept = new Set(wanted.instances.map(serviceKey));
    const keptChecks = new Set(wanted.checks.map(checkKey));
    for (const instance of before) {
      if (!kept.has(serviceKey(instance))) tx.delete(services, serviceKey(instance));
      for (const check of state.find(checks, "instance", serviceKey(instance))) {
        if (!keptChecks.has(checkKey(check))) tx.delete(checks, checkKey(check));
      }
    }
    for (const instance of wanted.instances) tx.put(services, serviceKey(instance), instance);
    for (const check of wanted.checks) {
      const known = tx.get(checks, checkKey(check));
      tx.put(
        checks,
        checkKey(check),
        known ? { ...check, Status: known.Status, Output: known.Output } : check,
      );
    }
  });
}

export async function removeServices(state: State, allocation: string): Promise<void> {
  await putServices(state, allocation, { instances: [], checks: [] });
}

export interface CheckUpdate {
  /** The node that the check is registered at; the one that reports it by default. */
  readonly Node?: string;
  readonly CheckID: string;
  readonly Status: CheckStatus;
  readonly Output: string;
}

export async function updateChecks(
  state: State,
  node: string,
  updates: readonly CheckUpdate[],
): Promise<void> {
  await state.transact((tx) => {
    for (const { Node = node, CheckID, Status, Output } of updates) {
      const key = keyOf(Node, CheckID);
      const known = tx.get(checks, key);
      if (known && (known.Status !== Status || known.Output !== Output))
        tx.put(checks, key, { ...known, Status, Output });
    }
  });
}
