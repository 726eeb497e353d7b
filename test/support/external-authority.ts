import { type KeyAlgorithm, keyIdentifier, newKeyPair, privateKeyText } from "../../src/mesh/ca/keys.ts";
import { newRoot } from "../../src/mesh/ca/root.ts";
import { sign } from "../../src/mesh/ca/signer.ts";
import type { TrustDomain } from "../../src/mesh/ca/spiffe.ts";
import { rootTemplate } from "../../src/mesh/ca/template.ts";

const YEAR = 365 * 24 * 3_600_000;

export interface ExternalAuthority {
  /** Of the intermediate certificate. */
  readonly PrivateKey: string;
  /** The intermediate certificate, then its root. */
  readonly RootCert: string;
}

/** An authority as a company's own certificate authority hands one out: an intermediate below its root. */
export async function externalAuthority(
  trustDomain: TrustDomain,
  algorithms: { readonly root: KeyAlgorithm; readonly signing: KeyAlgorithm },
  now = Date.now(),
): Promise<ExternalAuthority> {
  const [rootKey, signingKey] = await Promise.all([
    newKeyPair(algorithms.root),
    newKeyPair(algorithms.signing),
  ]);
  const root = newRoot(trustDomain, rootKey, 10 * YEAR, now);
  const issuer = {
    name: rootTemplate(trustDomain, rootKey.publicKey, YEAR, now).subject,
    keyId: keyIdentifier(rootKey.publicKey),
    privateKey: rootKey.privateKey,
  };
  const { pem: signing } = sign(
    rootTemplate(trustDomain, signingKey.publicKey, YEAR, now),
    signingKey,
    issuer,
  );
  return { PrivateKey: privateKeyText(signingKey.privateKey), RootCert: signing + root.RootCert };
}
