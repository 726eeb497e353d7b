import { type JWK, SignJWT } from "jose";
import type { Allocation } from "#model/allocation.ts";
import { type AllocationId, newId } from "#model/id.ts";
import { identitiesOf } from "#model/job/identity.ts";
import { second } from "#model/schema/duration.ts";
import type { State } from "#state/state.ts";
import { allocations, jobVersions, versionKey } from "../tables.ts";
import type { Keyring } from "./keyring.ts";
import { ALGORITHM } from "./signing-key.ts";

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

/** Signs the identities of tasks, as tokens that others verify by the keys that are published. */
export class Identities {
  /** The URL by which services elsewhere know whose tokens these are; null where none is named. */
  readonly issuer: string | null;
  readonly #state: State;
  readonly #keyring: Keyring;

  constructor(state: State, keyring: Keyring, issuer: string | null) {
    this.#state = state;
    this.#keyring = keyring;
    this.issuer = issuer;
  }

  /** Throws an error in words when the allocation has no such task or identity. */
  async sign({ allocation: id, task, identity: name }: IdentityRequest): Promise<IdentityToken> {
    const allocation = this.#state.get(allocations, id);
    const identity = allocation && this.#identity(allocation, task, name);
    if (!allocation || !identity)
      throw new Error(`the allocation ${id} has no task "${task}" with the identity "${name}"`);
    const { id: keyId, key } = await this.#keyring.signing(identity.TTL);
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
    if (this.issuer !== null) jwt.setIssuer(this.issuer);
    // One audience is a text, several are a list, as most who read tokens expect it.
    const [only, ...others] = identity.Audience;
    if (only !== undefined) jwt.setAudience(others.length === 0 ? only : [...identity.Audience]);
    if (expires !== null) jwt.setExpirationTime(expires);
    return { token: await jwt.sign(key), expires: expires === null ? null : expires * 1000 };
  }

  /** What verifies tokens (RFC 7517): every key of which one may be valid, and those that will sign next. */
  async published(): Promise<{ readonly keys: readonly JWK[] }> {
    await this.#keyring.ensure();
    return { keys: this.#keyring.keys.map(({ PublicKey }) => PublicKey) };
  }

  #identity({ Namespace, JobID, JobVersion, TaskGroup }: Allocation, task: string, name: string) {
    const job = this.#state.get(jobVersions, versionKey(Namespace, JobID, JobVersion));
    const found = job?.TaskGroups.find(({ Name }) => Name === TaskGroup)?.Tasks.find(
      ({ Name }) => Name === task,
    );
    return found && identitiesOf(found).find(({ Name }) => (Name || "default") === name);
  }
}
