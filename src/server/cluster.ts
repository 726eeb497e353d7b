import { newRoot } from "#mesh/ca/authority.ts";
import { newTrustDomain } from "#mesh/ca/spiffe.ts";
import { CLUSTER_KEY, cluster, roots } from "#mesh/tables.ts";
import { newId } from "#model/id.ts";
import type { State } from "#state/state.ts";

/** At a cluster's first start: its id, its trust domain and its first root certificate. */
export async function ensureCluster(state: State): Promise<void> {
  if (state.get(cluster, CLUSTER_KEY) !== undefined) return;
  const id = newId<string>();
  const trustDomain = newTrustDomain(id);
  const root = await newRoot(trustDomain, Date.now());
  await state.transact((tx) => {
    // Another server may have been first; its cluster is the one.
    if (tx.get(cluster, CLUSTER_KEY) !== undefined) return;
    tx.put(cluster, CLUSTER_KEY, { ID: id, TrustDomain: trustDomain });
    tx.put(roots, root.ID, root);
  });
}
