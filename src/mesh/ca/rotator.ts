import { X509Certificate } from "node:crypto";
import { parseCertificate } from "./parsed-certificate.ts";
import { type Authority, issuerOf, type Root } from "./root.ts";
import { sign } from "./signer.ts";
import type { TrustDomain } from "./spiffe.ts";
import { crossTemplate } from "./template.ts";

const WEEK = 7 * 24 * 3_600_000;

export interface Rotation {
  /** The new root; its leaves also show a certificate of its key that the old root signed. */
  readonly next: Root;
  /** The old root, which stays trusted until its last leaf is over. */
  readonly previous: Root;
}

/**
 * From one authority to the next without a failed handshake, in whatever order proxies learn of it: who knows
 * only the old root trusts new leaves by the cross-signed certificate, and who has an old leaf is trusted for as
 * long as one may be valid.
 *
 * `leafLifetime`: milliseconds, of the leaves that the old root has signed.
 * `crossSign`: null where the old key may not or cannot be used.
 */
export function rotate(
  previous: Root,
  next: Root,
  crossSign: { readonly by: Authority; readonly trustDomain: TrustDomain } | null,
  leafLifetime: number,
  now: number,
): Rotation {
  const RetiresAt = now + leafLifetime;
  const cross =
    crossSign === null
      ? []
      : [
          crossCertificate(crossSign.by, next, crossSign.trustDomain, RetiresAt, now),
          // What leads on from there to the old root, or to one before it that is still trusted.
          ...previous.IntermediateCerts,
        ];
  return {
    next: { ...next, Active: true, IntermediateCerts: [...next.IntermediateCerts, ...cross] },
    previous: { ...previous, Active: false, RotatedOutAt: now, RetiresAt },
  };
}

export interface Retirement {
  readonly removed: readonly Root[];
  /** Those that need no longer show what a removed root signed. */
  readonly changed: readonly Root[];
}

/** Which roots nothing needs any more, and what becomes of those that they vouched for. */
export function retire(roots: readonly Root[], now: number): Retirement {
  const removed = roots.filter(({ RetiresAt }) => RetiresAt !== null && RetiresAt <= now);
  const isVouched = (certificate: string) =>
    removed.some(
      ({ SigningCert, IntermediateCerts }) =>
        IntermediateCerts.includes(certificate) || isIssuedBy(certificate, SigningCert),
    );
  const changed = roots
    .filter((root) => !removed.includes(root) && root.IntermediateCerts.some(isVouched))
    .map((root) => ({
      ...root,
      IntermediateCerts: root.IntermediateCerts.filter((certificate) => !isVouched(certificate)),
    }));
  return { removed, changed };
}

/**
 * When a root is to be followed by another: in the last tenth of its life, while it can still vouch for the next one
 * for longer than its last leaf lasts, but not before its middle. `leafLifetime`: milliseconds.
 */
export function renewalTime({ NotBefore, NotAfter }: Root, leafLifetime: number): number {
  const life = NotAfter - NotBefore;
  return NotAfter - Math.min(Math.max(life / 10, 3 * leafLifetime), life / 2);
}

/** When the next root retires; null when none does. */
export function nextRetirement(roots: readonly Root[]): number | null {
  const times = roots.flatMap(({ RetiresAt }) => RetiresAt ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/**
 * Of the certificate that is to be trusted, not of one below it: verifiers take the first issuer of a name that
 * they find and try no other, and so find the trusted one first, the vouched one where they do not know it.
 */
function crossCertificate(
  by: Authority,
  next: Root,
  trustDomain: TrustDomain,
  retiresAt: number,
  now: number,
): string {
  const { subject, keyId, x509 } = parseCertificate(next.RootCert);
  const issuer = issuerOf(by);
  const notAfter = Math.min(Math.max(retiresAt, now + WEEK), issuer.notAfter);
  const template = crossTemplate(trustDomain, subject, notAfter, now);
  return sign(template, { publicKey: x509.publicKey, keyId }, issuer).pem;
}

function isIssuedBy(certificate: string, issuer: string): boolean {
  const by = new X509Certificate(issuer);
  const x509 = new X509Certificate(certificate);
  return x509.checkIssued(by) && x509.verify(by.publicKey);
}
