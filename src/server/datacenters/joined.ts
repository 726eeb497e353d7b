import { datacenters } from "#mesh/datacenters/tables.ts";
import { CLUSTER_KEY, cluster } from "#mesh/tables.ts";
import type { State } from "#state/state.ts";
import { RefusedError } from "../refused-error.ts";
import type { Joining } from "./link.ts";
import { keepDatacenters } from "./listen.ts";

export interface Own {
  readonly name: string;
  readonly primary: string;
}

/** Takes another datacenter into the mesh, or throws a RefusedError where it cannot be one of it. */
export async function joined(state: State, own: Own, who: Joining): Promise<void> {
  const trustDomain = state.get(cluster, CLUSTER_KEY)?.TrustDomain ?? "";
  const { Name } = who.datacenter;
  if (Name === own.name)
    throw new RefusedError(`a datacenter called ${Name} is there already: give this one another -datacenter`);
  if (who.primary !== own.primary)
    throw new RefusedError(
      `in ${own.name} the primary datacenter is ${own.primary}, and in ${Name} it is ${who.primary}: give both the same -primary-datacenter`,
    );
  if (who.trustDomain !== trustDomain)
    throw new RefusedError(
      `${Name} is of the mesh ${who.trustDomain}, and ${own.name} of ${trustDomain}: a datacenter joins with an empty data folder, and a mesh of its own by peering`,
    );
  await keepDatacenters(state, { own: own.name, teller: Name }, { put: [[Name, who.datacenter]] });
}

export function knownDatacenters(state: State, own: string): string[] {
  return [own, ...state.all(datacenters).map(({ Name }) => Name)].sort();
}
