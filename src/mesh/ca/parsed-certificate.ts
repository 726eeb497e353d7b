import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  BasicConstraints,
  Certificate,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  type Name,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { keyIdentifier } from "./keys.ts";

/** A certificate with the parts that who signs with its key must repeat. */
export interface ParsedCertificate {
  readonly x509: X509Certificate;
  readonly subject: Name;
  readonly keyId: Buffer;
  /** Whether its key may sign certificates; true also where it does not say. */
  readonly signsCertificates: boolean;
  /** How many authorities may stand below it, one below the other; null for any number. */
  readonly pathLength: number | null;
}

const EACH = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Every certificate of a PEM text, in its order. Throws where one of them is none. */
export function parseCertificates(pem: string): ParsedCertificate[] {
  return [...pem.matchAll(EACH)].map(([text]) => parseCertificate(text));
}

export function parseCertificate(pem: string): ParsedCertificate {
  const x509 = new X509Certificate(pem);
  const { subject, extensions = [] } = AsnConvert.parse(x509.raw, Certificate).tbsCertificate;
  const extension = (id: string) => extensions.find(({ extnID }) => extnID === id)?.extnValue.buffer;
  const [keyId, usage] = [extension(id_ce_subjectKeyIdentifier), extension(id_ce_keyUsage)];
  const constraints = extension(id_ce_basicConstraints);
  return {
    x509,
    subject,
    keyId:
      keyId === undefined
        ? keyIdentifier(x509.publicKey)
        : Buffer.from(AsnConvert.parse(keyId, SubjectKeyIdentifier).buffer),
    signsCertificates:
      usage === undefined || (AsnConvert.parse(usage, KeyUsage).toNumber() & KeyUsageFlags.keyCertSign) !== 0,
    pathLength:
      constraints === undefined
        ? null
        : (AsnConvert.parse(constraints, BasicConstraints).pathLenConstraint ?? null),
  };
}
