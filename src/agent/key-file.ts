import { readFileSync, statSync } from "node:fs";
import { type KeyVault, openVault, sealingVault } from "#mesh/ca/key-vault.ts";

const SHORTEST = 16;

/** The vault of the secret in a file; without a file, keys stand in the store as they are. */
export function keyVault(path: string | undefined): KeyVault {
  if (path === undefined) return openVault;
  const secret = contentOf(path);
  if (secret.length < SHORTEST) {
    throw new Error(
      `${path} holds ${secret.length} bytes, but a secret has at least ${SHORTEST}. Make one with: openssl rand -base64 32`,
    );
  }
  return sealingVault(secret);
}

/** Without the line's end that editors and shells add. */
function contentOf(path: string): Buffer {
  try {
    if ((statSync(path).mode & 0o007) !== 0)
      throw new Error(`every user can read ${path}. Take that away with: chmod 600 ${path}`);
    return Buffer.from(readFileSync(path, "latin1").trimEnd(), "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined
      ? error
      : new Error(`${path}, named by -encrypt-key-file, cannot be read: ${code}`);
  }
}
