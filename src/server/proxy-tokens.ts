import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import { proxyTokenSecrets } from "#mesh/tables.ts";
import type { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";

const KEY = "proxy-tokens";

/**
 * The tokens that proxies without a socket of their own show their control plane. Each follows from the proxy's node
 * and id by a secret of the cluster: nothing is kept for a proxy, and every server that shares the store knows them.
 */
export class ProxyTokens {
  readonly #secret: Buffer;

  private constructor(secret: Buffer) {
    this.#secret = secret;
  }

  static async open(state: State, vault: KeyVault): Promise<ProxyTokens> {
    const { result } = await state.transact((tx) => {
      const known = tx.get(proxyTokenSecrets, KEY);
      if (known !== undefined) return known.Secret;
      const Secret = vault.seal(KEY, randomBytes(32).toString("base64"));
      tx.put(proxyTokenSecrets, KEY, { Secret });
      return Secret;
    });
    return new ProxyTokens(Buffer.from(vault.open(KEY, result), "base64"));
  }

  tokenOf(node: string, proxyId: string): string {
    return createHmac("sha256", this.#secret).update(keyOf(node, proxyId)).digest("base64url");
  }

  isTokenOf(node: string, proxyId: string, token: string): boolean {
    return sameSecret(this.tokenOf(node, proxyId), token);
  }
}

/** Takes as long for any two texts of one length. */
export function sameSecret(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
