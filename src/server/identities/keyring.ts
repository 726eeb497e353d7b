import { createPrivateKey, type KeyObject } from "node:crypto";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import type { State, Transaction } from "#state/state.ts";
import { type Row, withoutIndexes } from "#state/table.ts";
import { RefusedError } from "../refused-error.ts";
import { identityKeys } from "../tables.ts";
import { nanosecondsNow } from "../time.ts";
import { holderOf, lastExpiry } from "./live-tokens.ts";
import { activeKey } from "./rotation.ts";
import { newSigningKey, type SigningKey } from "./signing-key.ts";

/** The keys that sign the identities of tasks, of which one does at a time. Times are nanoseconds. */
export class Keyring {
  readonly #state: State;
  readonly #vault: KeyVault;
  #first: Promise<unknown> | null = null;
  #opened: { readonly id: string; readonly key: KeyObject } | null = null;

  constructor(state: State, vault: KeyVault) {
    this.#state = state;
    this.#vault = vault;
  }

  /** What verifies tokens that are valid now, or will be. */
  get keys(): Row<SigningKey>[] {
    return this.#state.all(identityKeys);
  }

  /** Makes the first key where there is none: it is not made before it is needed. */
  async ensure(): Promise<void> {
    if (activeKey(this.keys) !== undefined) return;
    this.#first ??= this.#makeFirst().finally(() => {
      this.#first = null;
    });
    await this.#first;
  }

  /** The key that signs a token with that life, which it outlives; 0 for a token without an end. */
  async signing(life: number): Promise<{ readonly id: string; readonly key: KeyObject }> {
    await this.ensure();
    const active = activeKey(this.keys);
    if (active === undefined) throw new Error("the key that signs identities was not stored");
    const { KeyID: id } = active;
    if (life > active.LongestTTL) await this.#outlive(id, life);
    if (this.#opened?.id !== id)
      this.#opened = { id, key: createPrivateKey(this.#vault.open(id, active.PrivateKey)) };
    return this.#opened;
  }

  /** A new key signs from now on; with a time that is to come, it is published now and signs then. */
  async rotate(publishTime = 0): Promise<Row<SigningKey>> {
    const made = await newSigningKey(this.#vault);
    const isLater = publishTime > nanosecondsNow();
    await this.#state.transact((tx) => {
      if (!isLater) this.#activate(tx, made);
      else tx.put(identityKeys, made.KeyID, { ...made, State: "prepublished", PublishTime: publishTime });
    });
    const stored = this.#state.get(identityKeys, made.KeyID);
    if (stored === undefined) throw new Error("the new key was not stored");
    return stored;
  }

  /** A key that was published before signs from now on. */
  async promote(id: string): Promise<void> {
    await this.#state.transact((tx) => {
      const key = tx.get(identityKeys, id);
      // Another server may have been first.
      if (key?.State === "prepublished") this.#activate(tx, withoutIndexes<SigningKey>(key));
    });
  }

  /** Throws a {@link RefusedError} for the key that signs, and, unless forced, for one that tokens may still need. */
  async remove(id: string, { force }: { readonly force: boolean }): Promise<number> {
    const { index } = await this.#state.transact((tx) => {
      const key = tx.get(identityKeys, id);
      if (key === undefined) throw new RefusedError(`there is no key "${id}"`, "not found");
      if (key.KeyID === activeKey(this.keys)?.KeyID)
        throw new RefusedError("active root key cannot be deleted - call rotate first");
      const reason = force ? null : this.#whyNeeded(key);
      if (reason !== null) throw new RefusedError(`${reason}; with force it is removed all the same`);
      tx.delete(identityKeys, id);
    });
    return index;
  }

  /** Removes the keys by which no token is verified any more, and has not been for that long. Gives their ids. */
  async forget(threshold: number): Promise<string[]> {
    const before = nanosecondsNow() - threshold;
    const { result } = await this.#state.transact((tx) => {
      const over = this.keys.filter(
        (key) =>
          key.State === "inactive" && lastExpiry(key) <= before && holderOf(this.#state, key) === undefined,
      );
      for (const { KeyID } of over) {
        tx.get(identityKeys, KeyID);
        tx.delete(identityKeys, KeyID);
      }
      return over.map(({ KeyID }) => KeyID);
    });
    return result;
  }

  async #makeFirst(): Promise<void> {
    const made = await newSigningKey(this.#vault);
    await this.#state.transact((tx) => {
      // Another server may have been first.
      if (activeKey(this.keys) === undefined) tx.put(identityKeys, made.KeyID, made);
    });
  }

  #activate(tx: Transaction, key: SigningKey): void {
    const Since = nanosecondsNow();
    for (const { KeyID, State } of this.keys) {
      const before = State === "active" ? tx.get(identityKeys, KeyID) : undefined;
      if (before === undefined) continue;
      tx.put(identityKeys, KeyID, { ...withoutIndexes<SigningKey>(before), State: "inactive", Since });
    }
    tx.put(identityKeys, key.KeyID, { ...key, State: "active", Since });
  }

  #whyNeeded(key: SigningKey): string | null {
    if (key.State !== "inactive") return null;
    const expiry = lastExpiry(key);
    if (expiry > nanosecondsNow())
      return `tokens that the key has signed may be valid until ${new Date(expiry / 1e6).toISOString()}`;
    const holder = holderOf(this.#state, key);
    return holder === undefined
      ? null
      : `the allocation ${holder.ID} may hold a token without an end that the key has signed`;
  }

  async #outlive(id: string, life: number): Promise<void> {
    await this.#state.transact((tx) => {
      const key = tx.get(identityKeys, id);
      if (key !== undefined && key.LongestTTL < life)
        tx.put(identityKeys, id, { ...withoutIndexes<SigningKey>(key), LongestTTL: life });
    });
  }
}
