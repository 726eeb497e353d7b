import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { exportJWK, type JWK } from "jose";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import { newId } from "#model/id.ts";
import type { RootKey } from "#model/root-key.ts";
import { nanosecondsNow } from "../time.ts";

/** What every service that takes OIDC tokens can verify. */
export const ALGORITHM = "RS256";

/** A key that signs the identities of tasks, has signed them or will. */
export interface SigningKey extends RootKey {
  /** When it came into its state, nanoseconds since 1970. */
  readonly Since: number;
  /** The longest life of a token that it has signed, in nanoseconds; tokens without an end do not count. */
  readonly LongestTTL: number;
  readonly PublicKey: JWK;
  /** As the vault stores it. */
  readonly PrivateKey: string;
}

/** Takes a fifth of a second. It signs at once, unless it is given another state. */
export async function newSigningKey(vault: KeyVault): Promise<SigningKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const KeyID = newId<string>();
  const text = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const now = nanosecondsNow();
  return {
    KeyID,
    Algorithm: ALGORITHM,
    State: "active",
    CreateTime: now,
    PublishTime: 0,
    Since: now,
    LongestTTL: 0,
    PublicKey: { ...(await exportJWK(publicKey)), kid: KeyID, alg: ALGORITHM, use: "sig" },
    PrivateKey: vault.seal(KeyID, text),
  };
}
