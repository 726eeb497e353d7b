import { type KeyPair, privateKeyText } from "./keys.ts";
import { type Authority, issuerOf } from "./root.ts";
import { sign } from "./signer.ts";
import type { LeafIdentity } from "./spiffe.ts";
import { leafTemplate } from "./template.ts";

/** What one proxy proves who it is with. Times are milliseconds since 1970. */
export interface Leaf {
  readonly uri: string;
  readonly serialNumber: string;
  /** PEM: its own certificate, then what leads from it to a root that others trust. */
  readonly certificate: string;
  /** PKCS#8 PEM. Secret: it goes to its proxy and is written nowhere. */
  readonly privateKey: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Certifies a key for a service, for `lifetime` milliseconds from `now` but no longer than who signs it is valid. */
export function newLeaf(
  authority: Authority,
  identity: LeafIdentity,
  key: KeyPair,
  lifetime: number,
  now: number,
): Leaf {
  const issuer = issuerOf(authority);
  const template = leafTemplate(identity, Math.min(now + lifetime, issuer.notAfter), now);
  const { pem, serialNumber } = sign(template, key, issuer);
  return {
    uri: template.uri,
    serialNumber,
    certificate: [pem, ...authority.root.IntermediateCerts].join(""),
    privateKey: privateKeyText(key.privateKey),
    notBefore: template.notBefore,
    notAfter: template.notAfter,
  };
}
