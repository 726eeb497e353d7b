import { hkdfSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { TlsOptions } from "node:tls";

/**
 * Servers and nodes know each other by one secret, the join token: TLS with a key that is made of it (RFC 4279,
 * with forward secrecy by RFC 5489) shows each side that the other has it, and needs no certificates.
 */
const CIPHERS = "ECDHE-PSK-CHACHA20-POLY1305";
/** Keys that are shared beforehand come with TLS 1.3 only for sessions, in OpenSSL as Node.js has it. */
const VERSION = "TLSv1.2";
const IDENTITY = "yurt";
const SHORTEST = 32;

/** The token in a file that only its owner may read; made there when it is missing. */
export function ensureToken(path: string): string {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  }
  return readToken(path);
}

/** `name`: that of the file in a server's data folder. */
export function readToken(path: string, name: string = "join-token"): string {
  let token: string;
  try {
    token = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new Error(
      `the ${name.replace("-", " ")} cannot be read from ${path}: ${(error as Error).message}. A server keeps it in server/${name} of its data folder; copy it from there`,
    );
  }
  if (token.length < SHORTEST)
    throw new Error(`the ${name.replace("-", " ")} in ${path} is shorter than ${SHORTEST} characters`);
  return token;
}

function keyOf(token: string): Buffer {
  return Buffer.from(hkdfSync("sha256", token, "", "yurt link", 32));
}

export function serverTls(token: string): TlsOptions {
  const key = keyOf(token);
  return {
    ciphers: CIPHERS,
    minVersion: VERSION,
    maxVersion: VERSION,
    pskCallback: (_socket, identity) => (identity === IDENTITY ? key : null),
  };
}

export function clientTls(token: string) {
  const psk = keyOf(token);
  return {
    ciphers: CIPHERS,
    minVersion: VERSION,
    maxVersion: VERSION,
    pskCallback: () => ({ psk, identity: IDENTITY }),
    // There is no certificate: whoever has the key is the one that is meant.
    checkServerIdentity: () => undefined,
  } as const;
}
