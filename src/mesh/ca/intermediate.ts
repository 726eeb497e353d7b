import { type KeyObject, X509Certificate } from "node:crypto";
import { keyIdentifier, keyPairOf } from "./keys.ts";
import { type Authority, issuerOf, type Root } from "./root.ts";
import { sign } from "./signer.ts";
import type { TrustDomain } from "./spiffe.ts";
import { intermediateTemplate } from "./template.ts";

/** Certifies the key with which another datacenter signs, for `lifetime` milliseconds but no longer than its issuer. */
export function newIntermediate(
  by: Authority,
  publicKey: KeyObject,
  trustDomain: TrustDomain,
  lifetime: number,
  now: number,
): string {
  const issuer = issuerOf(by);
  const notAfter = Math.min(now + lifetime, issuer.notAfter);
  return sign(intermediateTemplate(trustDomain, publicKey, notAfter, now), { publicKey }, issuer).pem;
}

/** The primary datacenter's root as it stands in one whose own key `signing` certifies. */
export function rootAbove(root: Root, signing: string): Root {
  const keyId = keyIdentifier(new X509Certificate(signing).publicKey);
  return {
    ...root,
    SigningCert: signing,
    IntermediateCerts: [signing, ...root.IntermediateCerts],
    SigningKeyID: keyId.toString("hex").replace(/(..)(?!$)/g, "$1:"),
  };
}

/** Whether a certificate is for this key, and not yet over by half. */
export function isFresh(certificate: string, privateKey: string, now: number): boolean {
  const x509 = new X509Certificate(certificate);
  const [from, to] = [Date.parse(x509.validFrom), Date.parse(x509.validTo)];
  return now < from + (to - from) / 2 && x509.checkPrivateKey(keyPairOf(privateKey).privateKey);
}
