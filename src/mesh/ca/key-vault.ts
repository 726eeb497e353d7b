import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

/** How private keys of authorities stand in the store. */
export interface KeyVault {
  /** `id` is part of what is sealed: a sealed key opens in the place of no other. */
  seal(id: string, privateKey: string): string;
  /** Throws a {@link SealedKeyError}. */
  open(id: string, stored: string): string;
  /** Whether a stored key is as this vault would store it. */
  keeps(stored: string): boolean;
}

export class SealedKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SealedKeyError";
  }
}

const CIPHER = "aes-256-gcm";
const SEALED = "sealed-1";

/** Keys stand as they are, in a store that only its owner can read. */
export const openVault: KeyVault = {
  seal: (_id, privateKey) => privateKey,
  open: (_id, stored) => {
    if (!isSealed(stored)) return stored;
    throw new SealedKeyError(
      "the private keys in the store are encrypted: name the file with their key by -encrypt-key-file",
    );
  },
  keeps: (stored) => !isSealed(stored),
};

/** Keys are encrypted with AES-256-GCM, by a key that scrypt derives from `secret`. */
export function sealingVault(secret: Buffer): KeyVault {
  const derived = new Map<string, Buffer>();
  const keyFor = (salt: string): Buffer => {
    const known = derived.get(salt) ?? scryptSync(secret, Buffer.from(salt, "base64"), 32);
    derived.set(salt, known);
    return known;
  };
  const ownSalt = randomBytes(16).toString("base64");
  return {
    seal: (id, privateKey) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv(CIPHER, keyFor(ownSalt), nonce).setAAD(Buffer.from(id));
      const text = Buffer.concat([cipher.update(privateKey, "utf8"), cipher.final()]);
      const parts = [nonce, cipher.getAuthTag(), text].map((part) => part.toString("base64"));
      return [SEALED, ownSalt, ...parts].join(":");
    },
    open: (id, stored) => {
      if (!isSealed(stored)) return stored;
      const [, salt = "", ...parts] = stored.split(":");
      const [nonce, tag, text] = parts.map((part) => Buffer.from(part, "base64"));
      if (nonce === undefined || tag === undefined || text === undefined)
        throw new SealedKeyError("a private key in the store is damaged");
      try {
        const decipher = createDecipheriv(CIPHER, keyFor(salt), nonce, { authTagLength: 16 });
        decipher.setAAD(Buffer.from(id)).setAuthTag(tag);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString();
      } catch {
        throw new SealedKeyError(
          "the private keys in the store were encrypted with another key than that of -encrypt-key-file",
        );
      }
    },
    keeps: isSealed,
  };
}

const isSealed = (stored: string) => stored.startsWith(`${SEALED}:`);
