import type { KeyVault } from "#mesh/ca/key-vault.ts";
import { controlPlaneName } from "#mesh/ca/spiffe.ts";
import { readOnce } from "#mesh/cells.ts";
import type { Mesh } from "#mesh/mesh.ts";
import { importedKey, importedServices, peeringSecrets, peerings, peerMeshes } from "#mesh/peering/tables.ts";
import { newId } from "#model/id.ts";
import { NAME_OF_PEER, type PeerFacts, type Peering, type PeeringState } from "#model/peering/peering.ts";
import { isAddress, type PeeringToken, readToken, writeToken } from "#model/peering/token.ts";
import type { State, Transaction } from "#state/state.ts";
import type { Row } from "#state/table.ts";
import { RefusedError } from "../refused-error.ts";
import { hashOf, isSecretOf, newSecret } from "./secrets.ts";

/** Milliseconds. */
export const TOKEN_LIFETIME = 24 * 3_600_000;

export interface TokenRequest {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly lifetime: number;
}

/** What the side that dials says when it uses its token, and what it is answered. */
export interface TokenUse {
  readonly peering: string;
  readonly secret: string;
  readonly facts: PeerFacts;
}

export interface TokenUsed {
  readonly secret: string;
  readonly facts: PeerFacts;
}

/** How the control plane of another mesh is asked. Throws an error in words where it says no. */
export type UseToken = (token: PeeringToken, use: TokenUse) => Promise<TokenUsed>;

/** Other meshes come to be known, and are forgotten. */
export class Peerings {
  readonly #state: State;
  readonly #mesh: Mesh;
  readonly #vault: KeyVault;

  constructor(state: State, mesh: Mesh, vault: KeyVault) {
    this.#state = state;
    this.#mesh = mesh;
    this.#vault = vault;
  }

  /** What the operator of the other mesh is to be given. A token that was made before for that name is void. */
  async generateToken({ name, addresses, meta, lifetime }: TokenRequest): Promise<string> {
    refuseName(name);
    for (const address of addresses) {
      if (!isAddress(address))
        throw new RefusedError(
          `ServerExternalAddresses: expected host:port, such as 192.0.2.1:8503, but found "${address}"`,
        );
    }
    const secret = newSecret();
    const roots = readOnce(() => this.#mesh.certificates.trustBundle());
    const { result: peering } = await this.#state.transact((tx) => {
      const known = tx.get(peerings, name);
      if (known !== undefined && known.PeerID !== "" && known.State !== "TERMINATED")
        throw new RefusedError(
          `PeerName: the peering "${name}" was established from here with a token of the other mesh. Delete it first, or use another name`,
        );
      const renewed: Peering = { ...(known ? bare(known) : newPeering(name)), PeerID: "", Meta: meta };
      const State = known?.State === "ACTIVE" || known?.State === "FAILING" ? known.State : "PENDING";
      tx.put(peerings, name, { ...renewed, State });
      const before = tx.get(peeringSecrets, renewed.ID);
      tx.put(peeringSecrets, renewed.ID, {
        ...{ StreamHash: before?.StreamHash ?? "", Stream: "" },
        Establishment: { Hash: hashOf(secret), Expires: Date.now() + lifetime, Used: false },
      });
      return renewed;
    });
    return writeToken({
      CA: certificatesIn(roots),
      ServerAddresses: addresses,
      ServerName: controlPlaneName(this.#mesh.datacenter),
      PeerID: peering.ID,
      EstablishmentSecret: secret,
    });
  }

  /** The other side has used its token. Throws a {@link RefusedError} that is meant for it. */
  async tokenUsed({ peering: id, secret, facts }: TokenUse): Promise<TokenUsed> {
    this.#refuseStranger(facts, null);
    const stream = newSecret();
    await this.#state.transact((tx) => {
      const name = this.#state.find(peerings, "id", id)[0]?.Name ?? "";
      const known = tx.get(peerings, name);
      const secrets = tx.get(peeringSecrets, id);
      if (known === undefined || secrets?.Establishment == null)
        throw new RefusedError(
          "the mesh that made the token does not know it any more: make another one there",
        );
      const { Establishment } = secrets;
      if (!isSecretOf(Establishment.Hash, secret))
        throw new RefusedError("another token was made for the peering since: use that one");
      if (Establishment.Used)
        throw new RefusedError("it has been used already: make another one in the other mesh");
      if (Establishment.Expires < Date.now())
        throw new RefusedError(
          `it was valid until ${new Date(Establishment.Expires).toISOString()}: make another one in the other mesh`,
        );
      this.#refuseStranger(facts, name);
      tx.put(peerings, name, { ...bare(known), State: "ESTABLISHING", Remote: facts });
      const Used = { ...Establishment, Used: true };
      tx.put(peeringSecrets, id, { Establishment: Used, StreamHash: hashOf(stream), Stream: "" });
    });
    return { secret: stream, facts: this.#facts() };
  }

  /** Uses a token of another mesh. Nothing is written unless that mesh has taken it. */
  async establish(
    name: string,
    text: string,
    meta: Readonly<Record<string, string>>,
    use: UseToken,
  ): Promise<void> {
    refuseName(name);
    const token = readToken(text);
    if (typeof token === "string") throw new RefusedError(`PeeringToken: ${token}`);
    const known = this.#state.get(peerings, name);
    if (known !== undefined && known.State !== "TERMINATED" && known.PeerID === "")
      throw new RefusedError(
        `PeerName: a token was made here for a peering "${name}". Delete it first, or use another name`,
      );
    if (this.#state.find(peerings, "id", token.PeerID).length > 0)
      throw new RefusedError("PeeringToken: it was made by this mesh: a mesh cannot be its own peer");
    const facts = this.#facts();
    const used = await use(token, { peering: token.PeerID, secret: token.EstablishmentSecret, facts });
    this.#refuseStranger(used.facts, name);
    await this.#state.transact((tx) => {
      const before = tx.get(peerings, name);
      const peering = before === undefined ? newPeering(name) : bare(before);
      tx.put(peerings, name, {
        ...peering,
        ...{ State: "ESTABLISHING", Meta: meta, Remote: used.facts, PeerID: token.PeerID },
        ...{ PeerServerName: token.ServerName, PeerServerAddresses: token.ServerAddresses },
        PeerCAPems: token.CA,
      });
      const Stream = this.#vault.seal(peering.ID, used.secret);
      tx.put(peeringSecrets, peering.ID, { Establishment: null, StreamHash: "", Stream });
    });
  }

  /** What the side that dials shows. */
  streamSecret(id: string): string {
    const stored = this.#state.get(peeringSecrets, id)?.Stream ?? "";
    return stored === "" ? "" : this.#vault.open(id, stored);
  }

  /** The peering of who dials us with this secret; null where there is none such. */
  dialled(id: string, secret: string): Row<Peering> | null {
    const [peering] = this.#state.find(peerings, "id", id);
    const { StreamHash = "" } = this.#state.get(peeringSecrets, id) ?? {};
    return peering !== undefined && isSecretOf(StreamHash, secret) ? peering : null;
  }

  /** False where nothing is known under that name. */
  async markDeleting(name: string): Promise<boolean> {
    const { result } = await this.#state.transact((tx) => {
      const known = tx.get(peerings, name);
      if (known === undefined) return false;
      tx.put(peerings, name, { ...bare(known), State: "DELETING" });
      this.#withdraw(tx, known);
      return true;
    });
    return result;
  }

  async remove(name: string): Promise<void> {
    await this.#state.transact((tx) => {
      const known = tx.get(peerings, name);
      if (known === undefined) return;
      this.#withdraw(tx, known);
      tx.delete(peerings, name);
    });
  }

  /** The other side has taken the peering away. */
  async terminated(name: string): Promise<void> {
    await this.#state.transact((tx) => {
      const known = tx.get(peerings, name);
      if (known === undefined || known.State === "DELETING") return;
      tx.put(peerings, name, { ...bare(known), State: "TERMINATED" });
      this.#withdraw(tx, known);
    });
  }

  async setState(name: string, State: PeeringState): Promise<void> {
    await this.#state.transact((tx) => {
      const known = tx.get(peerings, name);
      if (known === undefined || known.State === State) return;
      if (known.State === "DELETING" || known.State === "TERMINATED") return;
      tx.put(peerings, name, { ...bare(known), State });
    });
  }

  /** Nothing of the other mesh is known any more, and neither side can call the other. */
  #withdraw(tx: Transaction, { ID, Name }: Peering): void {
    tx.delete(peeringSecrets, ID);
    tx.delete(peerMeshes, Name);
    for (const { name } of this.#state.find(importedServices, "peer", Name))
      tx.delete(importedServices, importedKey({ peer: Name, name }));
  }

  #facts(): PeerFacts {
    return { TrustDomain: this.#mesh.trustDomain(), Datacenter: this.#mesh.datacenter };
  }

  /** `name`: of the peering that is being made with it; null before that is known. */
  #refuseStranger({ TrustDomain }: PeerFacts, name: string | null): void {
    if (TrustDomain === this.#mesh.trustDomain())
      throw new RefusedError("it was made by this mesh: a mesh cannot be its own peer");
    const other = this.#state
      .all(peerings)
      .find(
        ({ Name, Remote, State }) =>
          Name !== name && Remote?.TrustDomain === TrustDomain && State !== "TERMINATED",
      );
    if (name !== null && other !== undefined)
      throw new RefusedError(`the two meshes are peers already, under the name "${other.Name}"`);
  }
}

function newPeering(Name: string): Peering {
  return {
    ...{ ID: newId<string & { readonly __id: "peering" }>(), Name, State: "PENDING", Meta: {}, PeerID: "" },
    ...{ PeerServerName: "", PeerServerAddresses: [], PeerCAPems: [], Remote: null },
  };
}

function bare({ CreateIndex: _, ModifyIndex: __, ...peering }: Row<Peering>): Peering {
  return peering;
}

function refuseName(name: string): void {
  if (!NAME_OF_PEER.test(name))
    throw new RefusedError(
      `PeerName: expected at most 63 lower-case letters, digits and dashes, such as cluster-02, but found "${name.slice(0, 80)}"`,
    );
}

function certificatesIn(pem: string): string[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g)].map(
    ([text]) => text,
  );
}
