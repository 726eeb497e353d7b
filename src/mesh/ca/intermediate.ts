import { type KeyObject, X509Certificate } from "node:crypto";
import { keyIdentifier, keyPairOf } from "./keys.ts";
import { parseCertificate } from "./parsed-certificate.ts";
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

/** Whether another authority may stand below the one that signs: nobody would trust its leaves otherwise. */
export function mayHaveIntermediate({ SigningCert, RootCert, IntermediateCerts }: Root): boolean {
  const trusted = new X509Certificate(RootCert);
  const between = IntermediateCerts.findIndex((pem) => new X509Certificate(pem).checkIssued(trusted));
  const chain = SigningCert === RootCert ? [] : IntermediateCerts.slice(0, between + 1);
  return [...chain, RootCert].every((pem, i) => (parseCertificate(pem).pathLength ?? i + 1) >= i + 1);
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
