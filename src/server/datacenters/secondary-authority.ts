import { isDeepStrictEqual } from "node:util";
import { isFresh, rootAbove } from "#mesh/ca/intermediate.ts";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import { newKeyPair, privateKeyText } from "#mesh/ca/keys.ts";
import type { Root } from "#mesh/ca/root.ts";
import {
  CA_CONFIGURATION_KEY,
  CLUSTER_KEY,
  caConfigurations,
  cluster,
  rootKeys,
  roots,
} from "#mesh/tables.ts";
import type { State, Transaction } from "#state/state.ts";
import type { Table } from "#state/table.ts";
import { withoutIndexes } from "#state/table.ts";
import type { DatacenterLink, PrimaryAuthority } from "./link.ts";

/** A key of this datacenter, and the certificate that the primary one has made for it. */
interface Signing {
  readonly root: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * Makes a secondary datacenter trust whom the primary one trusts, and sign below the root that signs there. Its key is
 * its own and never leaves it; it is certified anew when half of the certificate's time is over.
 */
export async function adoptAuthority(
  state: State,
  vault: KeyVault,
  datacenter: string,
  authority: PrimaryAuthority,
  primary: Pick<DatacenterLink, "certify">,
): Promise<void> {
  const own = state.get(cluster, CLUSTER_KEY);
  if (own !== undefined && own.TrustDomain !== authority.cluster.TrustDomain) {
    throw new Error(
      `this datacenter's data folder belongs to the mesh ${own.TrustDomain}, and ${authority.datacenter} to ${authority.cluster.TrustDomain}: a secondary datacenter begins with an empty folder`,
    );
  }
  const signing = ownSigning(state, vault, authority) ?? (await newSigning(authority, primary));
  await state.transact((tx) => {
    const put = putInto(tx);
    put(cluster, CLUSTER_KEY, {
      ...authority.cluster,
      ...{ Primary: authority.datacenter, Datacenter: datacenter },
    });
    put(caConfigurations, CA_CONFIGURATION_KEY, authority.configuration);
    for (const root of authority.roots) put(roots, root.ID, adopted(root, signing, tx.get(roots, root.ID)));
    put(rootKeys, signing.root, { PrivateKey: vault.seal(signing.root, signing.privateKey) }, (stored) =>
      isDeepStrictEqual(vault.open(signing.root, stored.PrivateKey), signing.privateKey),
    );
    const kept = new Set(authority.roots.map(({ ID }) => ID));
    for (const { ID } of state.all(roots)) {
      if (kept.has(ID)) continue;
      tx.delete(roots, ID);
      tx.delete(rootKeys, ID);
    }
  });
}

/** One that was followed by another keeps what this datacenter has signed with below it. */
function adopted(root: Root, signing: Signing, before: Root | undefined): Root {
  if (root.ID === signing.root) return rootAbove(root, signing.certificate);
  const isOwn = before !== undefined && !root.IntermediateCerts.includes(before.SigningCert);
  return isOwn && before.SigningCert !== root.SigningCert ? rootAbove(root, before.SigningCert) : root;
}

function ownSigning(state: State, vault: KeyVault, { roots: all }: PrimaryAuthority) {
  const active = all.find(({ Active }) => Active);
  const known = active && state.get(roots, active.ID);
  const stored = active && state.get(rootKeys, active.ID);
  if (known === undefined || stored === undefined) return null;
  const privateKey = vault.open(known.ID, stored.PrivateKey);
  return isFresh(known.SigningCert, privateKey, Date.now())
    ? { root: known.ID, certificate: known.SigningCert, privateKey }
    : null;
}

async function newSigning(
  { configuration }: PrimaryAuthority,
  primary: Pick<DatacenterLink, "certify">,
): Promise<Signing> {
  const { PrivateKeyType: type, PrivateKeyBits: bits } = configuration.Config;
  const { publicKey, privateKey } = await newKeyPair({ type, bits });
  const certified = await primary.certify(publicKey.export({ type: "spki", format: "pem" }).toString());
  return { ...certified, privateKey: privateKeyText(privateKey) };
}

/** Puts what is not there yet: an authority that is told again changes nothing. */
function putInto(tx: Transaction) {
  return <Value extends object>(
    table: Table<Value>,
    key: string,
    value: Value,
    isSame: (before: Value) => boolean = (before) => isDeepStrictEqual(before, value),
  ): void => {
    const before = tx.get(table, key);
    if (before === undefined || !isSame(withoutIndexes<Value>(before))) tx.put(table, key, value);
  };
}
