import { createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { exportJWK, type JWK, SignJWT } from "jose";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import type { Allocation } from "#model/allocation.ts";
import { type AllocationId, newId } from "#model/id.ts";
import { second } from "#model/schema/duration.ts";
import type { State } from "#state/state.ts";
import { allocations, identityKeys, jobVersions, versionKey } from "./tables.ts";

/** A signed identity of a task, and when it ends: milliseconds since 1970, null for never. */
export interface IdentityToken {
  readonly token: string;
  readonly expires: number | null;
}

export interface IdentityRequest {
  readonly allocation: AllocationId;
  readonly task: string;
  /** `default` for the one without a name. */
  readonly identity: string;
}

const ALGORITHM = "RS256";

/** Signs the identities of tasks, as tokens that others verify by the keys that are published. */
export class Identities {
  readonly #state: State;
  readonly #vault: KeyVault;
  #key: Promise<{ readonly id: string; readonly key: KeyObject }> | null = null;

  constructor(state: State, vault: KeyVault) {
    this.#state = state;
    this.#vault = vault;
  }

  /** Throws an error in words when the allocation has no such task or identity. */
  async sign({ allocation: id, task, identity: name }: IdentityRequest): Promise<IdentityToken> {
    const allocation = this.#state.get(allocations, id);
    const identity = allocation && this.#identity(allocation, task, name);
    if (!allocation || !identity)
      throw new Error(`the allocation ${id} has no task "${task}" with the identity "${name}"`);
    const { id: keyId, key } = await this.#signingKey();
    const now = Math.floor(Date.now() / 1000);
    const expires = identity.TTL > 0 ? now + Math.ceil(identity.TTL / second) : null;
    const { Namespace, JobID, TaskGroup } = allocation;
    const jwt = new SignJWT({
      nomad_namespace: Namespace,
      nomad_job_id: JobID,
      nomad_allocation_id: id,
      nomad_task: task,
    })
      .setProtectedHeader({ alg: ALGORITHM, kid: keyId, typ: "JWT" })
      .setSubject(["global", Namespace, JobID, TaskGroup, task, name].join(":"))
      .setJti(newId<string>())
      .setIssuedAt(now)
      .setNotBefore(now);
    // One audience is a text, several are a list, as most who read tokens expect it.
    const [only, ...others] = identity.Audience;
    if (only !== undefined) jwt.setAudience(others.length === 0 ? only : [...identity.Audience]);
    if (expires !== null) jwt.setExpirationTime(expires);
    return { token: await jwt.sign(key), expires: expires === null ? null : expires * 1000 };
  }

  /** What verifies tokens (RFC 7517). */
  async published(): Promise<{ readonly keys: readonly JWK[] }> {
    await this.#signingKey();
    return { keys: this.#state.all(identityKeys).map(({ PublicKey }) => PublicKey) };
  }

  #identity({ Namespace, JobID, JobVersion, TaskGroup }: Allocation, task: string, name: string) {
    const job = this.#state.get(jobVersions, versionKey(Namespace, JobID, JobVersion));
    const found = job?.TaskGroups.find(({ Name }) => Name === TaskGroup)?.Tasks.find(
      ({ Name }) => Name === task,
    );
    return found && [found.Identity, ...found.Identities].find(({ Name }) => (Name || "default") === name);
  }

  #signingKey() {
    this.#key ??= this.#findKey().catch((error: unknown) => {
      this.#key = null;
      throw error;
    });
    return this.#key;
  }

  /** Made when it is first needed: it takes a fifth of a second. */
  async #findKey() {
    const [known] = this.#state.all(identityKeys);
    if (known === undefined) await this.#makeKey();
    const [row] = this.#state.all(identityKeys);
    if (row === undefined) throw new Error("the key that signs identities was not stored");
    return { id: row.KeyID, key: createPrivateKey(this.#vault.open(row.KeyID, row.PrivateKey)) };
  }

  async #makeKey(): Promise<void> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const KeyID = newId<string>();
    const PublicKey = { ...(await exportJWK(publicKey)), kid: KeyID, alg: ALGORITHM, use: "sig" };
    const text = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await this.#state.transact((tx) => {
      // Another server may have been first.
      if (this.#state.all(identityKeys).length > 0) return;
      tx.put(identityKeys, KeyID, { KeyID, PublicKey, PrivateKey: this.#vault.seal(KeyID, text) });
    });
  }
}
