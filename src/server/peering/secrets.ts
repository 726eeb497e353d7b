import { createHash, randomBytes } from "node:crypto";
import { sameSecret } from "../proxy-tokens.ts";

/** 256 bits: nobody finds it by trying, so that a plain hash keeps it. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

export function isSecretOf(hash: string, shown: string): boolean {
  return hash !== "" && sameSecret(hash, hashOf(shown));
}
