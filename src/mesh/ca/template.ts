import type { KeyObject } from "node:crypto";
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";
import { keyIdentifier } from "./keys.ts";
import { type LeafIdentity, signingUri, type TrustDomain, uriOf } from "./spiffe.ts";

const MINUTE = 60_000;
const COMMON_NAME = "2.5.4.3";

/** What a certificate says; who signs it adds the rest. Times are milliseconds since 1970. */
export interface CertificateTemplate {
  readonly subject: Name;
  readonly uri: string;
  readonly dnsNames: readonly string[];
  readonly authority: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Named as Consul names its roots. */
export function rootTemplate(
  trustDomain: TrustDomain,
  key: KeyObject,
  lifetime: number,
  now: number,
): CertificateTemplate {
  const id = keyIdentifier(key).toString("hex").slice(0, 8);
  return {
    subject: commonName(`pri-${id}.consul.ca.${trustDomain.slice(0, 8)}.consul`),
    ...authorityOf(trustDomain),
    notBefore: now - MINUTE,
    notAfter: now + lifetime,
  };
}

/** The authority of another datacenter, under this one. */
export function intermediateTemplate(
  trustDomain: TrustDomain,
  key: KeyObject,
  notAfter: number,
  now: number,
): CertificateTemplate {
  const id = keyIdentifier(key).toString("hex").slice(0, 8);
  const subject = commonName(`sec-${id}.consul.ca.${trustDomain.slice(0, 8)}.consul`);
  return { subject, ...authorityOf(trustDomain), notBefore: now - MINUTE, notAfter };
}

/** Another authority's name over its own key, for those who trust only who signs this. */
export function crossTemplate(
  trustDomain: TrustDomain,
  subject: Name,
  notAfter: number,
  now: number,
): CertificateTemplate {
  return { subject, ...authorityOf(trustDomain), notBefore: now - MINUTE, notAfter };
}

/** Without a subject: the SPIFFE id alone says who it is. */
export function leafTemplate(identity: LeafIdentity, notAfter: number, now: number): CertificateTemplate {
  return {
    subject: new Name([]),
    uri: uriOf(identity),
    dnsNames: identity.dnsNames ?? [],
    authority: false,
    notBefore: now - MINUTE,
    notAfter,
  };
}

function authorityOf(trustDomain: TrustDomain) {
  return { uri: signingUri(trustDomain), dnsNames: [], authority: true };
}

function commonName(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}
