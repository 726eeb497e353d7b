import { intentionsOf, providersNamed } from "#mesh/intentions.ts";
import { configEntries } from "#mesh/tables.ts";
import type { ConfigEntry, ConfigKind, ServiceIntentions } from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";

/** An entry is well formed, but does not fit the entries that are there. */
export class RefusedEntryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RefusedEntryError";
  }
}

/** Throws when `entry` names what is not there. */
export function refuseBrokenReferences(state: State, entry: ConfigEntry): void {
  if (entry.Kind !== "service-intentions") return;
  const missing = providersOf(entry).find(
    (name) => state.get(configEntries, keyOf("jwt-provider", name)) === undefined,
  );
  if (missing !== undefined) {
    throw new RefusedEntryError(
      `service-intentions/${entry.Name}: JWT: there is no jwt-provider named "${missing}"; write that entry first`,
    );
  }
}

/** Throws when another entry names the one that is to be deleted. */
export function refuseIfReferred(state: State, kind: ConfigKind, name: string): void {
  if (kind !== "jwt-provider") return;
  const entries = state.find(configEntries, "kind", "service-intentions") as ServiceIntentions[];
  const user = entries.find((entry) => providersOf(entry).includes(name));
  if (user !== undefined) {
    throw new RefusedEntryError(
      `jwt-provider/${name} is in use by service-intentions/${user.Name}; change that entry first`,
    );
  }
}

const providersOf = (entry: ServiceIntentions) => providersNamed(intentionsOf([entry]));
