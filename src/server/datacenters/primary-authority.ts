import { createPublicKey } from "node:crypto";
import { mayHaveIntermediate, newIntermediate } from "#mesh/ca/intermediate.ts";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import { algorithmOf, keyPairOf } from "#mesh/ca/keys.ts";
import type { Root } from "#mesh/ca/root.ts";
import type { TrustDomain } from "#mesh/ca/spiffe.ts";
import {
  CA_CONFIGURATION_KEY,
  CLUSTER_KEY,
  caConfigurations,
  cluster,
  rootKeys,
  roots,
} from "#mesh/tables.ts";
import type { CaConfiguration } from "#model/ca-configuration.ts";
import type { State } from "#state/state.ts";
import { withoutIndexes } from "#state/table.ts";
import { RefusedError } from "../refused-error.ts";
import type { Certified, PrimaryAuthority } from "./link.ts";

export function primaryAuthority(state: State, datacenter: string): PrimaryAuthority {
  const [own, configuration] = [
    state.get(cluster, CLUSTER_KEY),
    state.get(caConfigurations, CA_CONFIGURATION_KEY),
  ];
  if (own === undefined || configuration === undefined) throw new Error("the cluster has no authority yet");
  if (own.Primary !== undefined)
    throw new RefusedError(`${datacenter} is not the primary datacenter: that is ${own.Primary}`);
  return {
    datacenter,
    cluster: { ID: own.ID, TrustDomain: own.TrustDomain },
    configuration: withoutIndexes<CaConfiguration>(configuration),
    roots: state.all(roots).map(withoutIndexes<Root>),
  };
}

/** Certifies the key with which another datacenter signs. */
export function certify(state: State, vault: KeyVault, publicKeyPem: string): Certified {
  const { cluster: own, configuration, roots: all } = primaryAuthority(state, "this");
  const root = all.find(({ Active }) => Active);
  const stored = root && state.get(rootKeys, root.ID);
  if (root === undefined || stored === undefined) throw new Error("the cluster has no root certificate");
  const publicKey = createPublicKey(publicKeyPem);
  if (algorithmOf(publicKey) === null)
    throw new RefusedError("an authority's key is ECDSA P-256, P-384, P-521 or RSA with at least 2048 bits");
  if (!mayHaveIntermediate(root))
    throw new RefusedError(
      `the authority of the primary datacenter lets no other stand below it (path length in ${root.Name}): give it a certificate that does`,
    );
  const { privateKey } = keyPairOf(vault.open(root.ID, stored.PrivateKey));
  const certificate = newIntermediate(
    { root, privateKey },
    publicKey,
    own.TrustDomain as TrustDomain,
    configuration.Config.IntermediateCertTTL / 1e6,
    Date.now(),
  );
  return { root: root.ID, certificate };
}
