import { type KeyVault, openVault } from "#mesh/ca/key-vault.ts";
import { newKeyPair, privateKeyText } from "#mesh/ca/keys.ts";
import { newRoot } from "#mesh/ca/root.ts";
import { newTrustDomain } from "#mesh/ca/spiffe.ts";
import {
  CA_CONFIGURATION_KEY,
  CLUSTER_KEY,
  caConfigurations,
  cluster,
  rootKeys,
  roots,
} from "#mesh/tables.ts";
import { type CaConfiguration, caConfiguration } from "#model/ca-configuration.ts";
import { newId } from "#model/id.ts";
import { canonical } from "#model/schema/canonical.ts";
import type { State } from "#state/state.ts";

export interface ClusterOptions {
  /** Milliseconds; as it is stored, or 72 hours, if not given. */
  readonly leafLifetime?: number | undefined;
  readonly vault?: KeyVault;
  /** How a secondary datacenter begins, in place of a mesh of its own. */
  readonly found?: ((state: State) => Promise<void>) | null;
}

/** At a cluster's first start: its id, its trust domain and its authority. Later, what an agent is told anew. */
export async function ensureCluster(state: State, options: ClusterOptions): Promise<void> {
  const known = state.get(cluster, CLUSTER_KEY);
  if (known === undefined) await (options.found?.(state) ?? foundCluster(state, options));
  else if (options.found && known.Primary === undefined)
    throw new Error(
      "the data folder holds a mesh of its own: a secondary datacenter begins with an empty one; name another with -data-dir",
    );
  if (known?.Primary !== undefined && !options.found)
    throw new Error(
      `the data folder is that of a datacenter below ${known.Primary}: name that with -primary-datacenter, and a server of it with -join-wan`,
    );
  await keepKeysAs(state, options.vault ?? openVault);
  await setLeafLifetime(state, options.leafLifetime);
}

async function foundCluster(state: State, { vault = openVault }: ClusterOptions): Promise<void> {
  const id = newId<string>();
  const trustDomain = newTrustDomain(id);
  const configuration = canonical(caConfiguration, { Config: { PrivateKeyBits: 256 } });
  const key = await newKeyPair({ type: "ec", bits: 256 });
  const root = newRoot(trustDomain, key, configuration.Config.RootCertTTL / 1e6, Date.now());
  await state.transact((tx) => {
    // Another server may have been first; its cluster is the one.
    if (tx.get(cluster, CLUSTER_KEY) !== undefined) return;
    tx.put(cluster, CLUSTER_KEY, { ID: id, TrustDomain: trustDomain });
    tx.put(caConfigurations, CA_CONFIGURATION_KEY, configuration);
    tx.put(roots, root.ID, root);
    tx.put(rootKeys, root.ID, { PrivateKey: vault.seal(root.ID, privateKeyText(key.privateKey)) });
  });
}

/** Keys that were stored without encryption are encrypted now; those that cannot be read end the start. */
async function keepKeysAs(state: State, vault: KeyVault): Promise<void> {
  await state.transact((tx) => {
    for (const { ID } of state.all(roots)) {
      const stored = tx.get(rootKeys, ID);
      if (stored === undefined) continue;
      const key = vault.open(ID, stored.PrivateKey);
      if (!vault.keeps(stored.PrivateKey)) tx.put(rootKeys, ID, { PrivateKey: vault.seal(ID, key) });
    }
  });
}

async function setLeafLifetime(state: State, leafLifetime: number | undefined): Promise<void> {
  if (leafLifetime === undefined) return;
  await state.transact((tx) => {
    const row = tx.get(caConfigurations, CA_CONFIGURATION_KEY);
    if (row === undefined || row.Config.LeafCertTTL === leafLifetime * 1e6) return;
    const { CreateIndex: _, ModifyIndex: __, ...configuration } = row;
    const changed: CaConfiguration = {
      ...configuration,
      Config: { ...configuration.Config, LeafCertTTL: leafLifetime * 1e6 },
    };
    tx.put(caConfigurations, CA_CONFIGURATION_KEY, changed);
  });
}
