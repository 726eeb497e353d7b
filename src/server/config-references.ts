import { intentionsOf, providersNamed } from "#mesh/intentions.ts";
import { configEntries } from "#mesh/tables.ts";
import type {
  ConfigEntry,
  ConfigKind,
  MeshEntry,
  ServiceIntentions,
} from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";
import { RefusedError } from "./refused-error.ts";

/** Throws when `entry` names what is not there. */
export function refuseBrokenReferences(state: State, entry: ConfigEntry): void {
  refuseUnlawfulPermissiveness(state, entry);
  if (entry.Kind !== "service-intentions") return;
  const missing = providersOf(entry).find(
    (name) => state.get(configEntries, keyOf("jwt-provider", name)) === undefined,
  );
  if (missing !== undefined) {
    throw new RefusedError(
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
    throw new RefusedError(
      `jwt-provider/${name} is in use by service-intentions/${user.Name}; change that entry first`,
    );
  }
}

const providersOf = (entry: ServiceIntentions) => providersNamed(intentionsOf([entry]));

/** Plain connections pass by all access rules: the mesh as a whole must have allowed them. */
function refuseUnlawfulPermissiveness(state: State, entry: ConfigEntry): void {
  if (entry.Kind !== "service-defaults" && entry.Kind !== "proxy-defaults") return;
  if (entry.MutualTLSMode !== "permissive") return;
  const mesh = state.get(configEntries, keyOf("mesh", "mesh")) as MeshEntry | undefined;
  if (mesh?.AllowEnablingPermissiveMutualTLS) return;
  throw new RefusedError(
    `${entry.Kind}/${entry.Name} MutualTLSMode: "permissive" is not allowed: set AllowEnablingPermissiveMutualTLS in the mesh entry first`,
  );
}
