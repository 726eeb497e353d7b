import { type KeyVault, openVault } from "#mesh/ca/key-vault.ts";
import { type KeyAlgorithm, keyPairOf, newKeyPair, privateKeyText } from "#mesh/ca/keys.ts";
import { newRoot, type Root } from "#mesh/ca/root.ts";
import { type Rotation, rotate } from "#mesh/ca/rotator.ts";
import type { TrustDomain } from "#mesh/ca/spiffe.ts";
import { AuthorityError, readExternalRoot, readPrivateKey } from "#mesh/ca/validator.ts";
import {
  CA_CONFIGURATION_KEY,
  CLUSTER_KEY,
  caConfigurations,
  cluster,
  rootKeys,
  roots,
} from "#mesh/tables.ts";
import { type CaConfiguration, type CaSettings, LEAF_LIFETIMES } from "#model/ca-configuration.ts";
import { formatDuration } from "#model/schema/duration.ts";
import type { State, Transaction } from "#state/state.ts";
import type { Row } from "#state/table.ts";

/** A root that does not stand in the store yet, and its key. */
interface Candidate {
  readonly root: Root;
  readonly privateKey: string;
}

/** What operators do with the authority that certifies every proxy. */
export class CertificateAuthority {
  readonly #state: State;
  readonly #vault: KeyVault;

  constructor(state: State, vault: KeyVault = openVault) {
    this.#state = state;
    this.#vault = vault;
  }

  /** Without the private key that it may have been given. */
  get configuration(): Row<CaConfiguration> {
    const row = this.#state.get(caConfigurations, CA_CONFIGURATION_KEY);
    if (row === undefined) throw new Error("the cluster has no certificate authority yet");
    return row;
  }

  /**
   * Makes `wanted` hold. Where it asks for another key or certificate, a new root follows the old one, which
   * stays trusted until its leaves are over. Throws an {@link AuthorityError}.
   */
  async configure(wanted: CaConfiguration): Promise<void> {
    this.#refuseLeafLifetime(wanted.Config);
    const candidate = await this.#candidateFor(wanted.Config);
    await this.#commit(wanted, candidate);
  }

  /** A new root of the same kind follows the old one; with `only`, if that is the one that signs. */
  async rotate(only?: string): Promise<void> {
    const { CreateIndex: _, ModifyIndex: __, ...configuration } = this.configuration;
    const { PrivateKeyType: type, PrivateKeyBits: bits } = configuration.Config;
    const Config = { ...configuration.Config, RootCert: "" };
    await this.#commit(
      { ...configuration, Config },
      await newCandidate({ type, bits }, Config, this.#trustDomain),
      only,
    );
  }

  get #trustDomain(): TrustDomain {
    return (this.#state.get(cluster, CLUSTER_KEY)?.TrustDomain ?? "") as TrustDomain;
  }

  get #active(): Root {
    const [root] = this.#state.find(roots, "active", "yes");
    if (root === undefined) throw new Error("the cluster has no root certificate");
    return root;
  }

  /** What stands already may stay, also where an agent was told to start with it. */
  #refuseLeafLifetime({ LeafCertTTL }: CaSettings): void {
    const { min, max } = LEAF_LIFETIMES;
    if (LeafCertTTL === this.configuration.Config.LeafCertTTL) return;
    if (LeafCertTTL < min || LeafCertTTL > max) {
      throw new AuthorityError(
        `LeafCertTTL: expected ${formatDuration(min)} to ${formatDuration(max)}, but found ${formatDuration(LeafCertTTL)}`,
      );
    }
  }

  /** The root that settings ask for; null where the one that signs now is of that kind. */
  async #candidateFor(settings: CaSettings): Promise<Candidate | null> {
    const active = this.#active;
    const { PrivateKey, RootCert, PrivateKeyType: type, PrivateKeyBits: bits } = settings;
    if (PrivateKey !== "") {
      const candidate = givenCandidate(settings, this.#trustDomain, Date.now());
      const isSame =
        candidate.root.SigningKeyID === active.SigningKeyID &&
        (RootCert === "" || candidate.root.ID === active.ID);
      return isSame ? null : candidate;
    }
    if (RootCert !== "") {
      if (sameText(RootCert, this.configuration.Config.RootCert)) return null;
      throw new AuthorityError(
        "PrivateKey: RootCert needs the private key of its first certificate beside it",
      );
    }
    if (!active.External && active.PrivateKeyType === type && active.PrivateKeyBits === bits) return null;
    return newCandidate({ type, bits }, settings, this.#trustDomain);
  }

  async #commit(
    configuration: CaConfiguration,
    candidate: Candidate | null,
    only: string = this.#active.ID,
  ): Promise<void> {
    const { ForceWithoutCrossSigning, Config } = configuration;
    await this.#state.transact((tx) => {
      // Another server may have been first.
      if (candidate !== null && this.#active.ID !== only) return;
      tx.put(caConfigurations, CA_CONFIGURATION_KEY, {
        ...configuration,
        ForceWithoutCrossSigning: false,
        Config: { ...Config, PrivateKey: "" },
      });
      if (candidate === null) return;
      const { next, previous } = this.#rotation(tx, candidate.root, ForceWithoutCrossSigning);
      tx.put(roots, previous.ID, previous);
      tx.put(roots, next.ID, next);
      tx.put(rootKeys, next.ID, { PrivateKey: this.#vault.seal(next.ID, candidate.privateKey) });
    });
  }

  #rotation(tx: Transaction, next: Root, force: boolean): Rotation {
    const { CreateIndex: _, ModifyIndex: __, ...previous } = this.#active as Row<Root>;
    if (previous.ID === next.ID)
      throw new AuthorityError(
        "RootCert: it is the root that signs now, but with another key below it; give that key a root of its own",
      );
    const key = tx.get(rootKeys, previous.ID);
    tx.get(roots, previous.ID);
    if (key === undefined) throw new Error(`there is no private key for the root ${previous.ID}`);
    const { privateKey } = keyPairOf(this.#vault.open(previous.ID, key.PrivateKey));
    const crossSign = { by: { root: previous, privateKey }, trustDomain: this.#trustDomain };
    const leafLifetime = this.configuration.Config.LeafCertTTL / 1e6;
    return rotate(previous, next, force ? null : crossSign, leafLifetime, Date.now());
  }
}

async function newCandidate(
  algorithm: KeyAlgorithm,
  { RootCertTTL }: CaSettings,
  trustDomain: TrustDomain,
): Promise<Candidate> {
  const key = await newKeyPair(algorithm);
  return {
    root: newRoot(trustDomain, key, RootCertTTL / 1e6, Date.now()),
    privateKey: privateKeyText(key.privateKey),
  };
}

/** A key alone signs its own root. */
function givenCandidate(settings: CaSettings, trustDomain: TrustDomain, now: number): Candidate {
  const { PrivateKey, RootCert, RootCertTTL } = settings;
  const key = readPrivateKey(PrivateKey);
  const root =
    RootCert === ""
      ? newRoot(trustDomain, key, RootCertTTL / 1e6, now)
      : readExternalRoot(RootCert, key, trustDomain, now);
  return { root, privateKey: privateKeyText(key.privateKey) };
}

const sameText = (one: string, other: string) => one.replaceAll(/\s/g, "") === other.replaceAll(/\s/g, "");
