import { type KeyObject, randomBytes, sign as signBytes } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  type Name,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { algorithmOf, identifierOf, publicKeyInfo } from "./keys.ts";
import type { CertificateTemplate } from "./template.ts";

/** Who signs: the name and key identifier that stand in its own certificate, and the key. */
export interface Issuer {
  readonly name: Name;
  readonly keyId: Buffer;
  readonly privateKey: KeyObject;
}

/** Whom a certificate is for. */
export interface Subject {
  readonly publicKey: KeyObject;
  /** Where another certificate of the same key says another than the usual one. */
  readonly keyId?: Buffer;
}

/** The signature that goes with a key: as strong a hash as its curve, SHA-256 for RSA (RFC 5758, RFC 4055). */
const SIGNATURES: Readonly<Record<string, { readonly oid: string; readonly hash: string }>> = {
  ec256: { oid: "1.2.840.10045.4.3.2", hash: "sha256" },
  ec384: { oid: "1.2.840.10045.4.3.3", hash: "sha384" },
  ec521: { oid: "1.2.840.10045.4.3.4", hash: "sha512" },
  rsa: { oid: "1.2.840.113549.1.1.11", hash: "sha256" },
};

/** A certificate as PEM, and its number in hexadecimal. */
export interface Signed {
  readonly pem: string;
  readonly serialNumber: string;
}

/** Issues one X.509 v3 certificate (RFC 5280). */
export function sign(template: CertificateTemplate, subject: Subject, issuer: Issuer): Signed {
  const { oid, hash, isRsa } = signatureOf(issuer.privateKey);
  const signature = new AlgorithmIdentifier({ algorithm: oid, ...(isRsa && { parameters: null }) });
  const key = publicKeyInfo(subject.publicKey);
  const serialNumber = newSerialNumber();
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: arrayBuffer(serialNumber),
    signature,
    issuer: issuer.name,
    validity: new Validity({
      notBefore: new Date(template.notBefore),
      notAfter: new Date(template.notAfter),
    }),
    subject: template.subject,
    subjectPublicKeyInfo: key,
    extensions: new Extensions(extensions(template, subject.keyId ?? identifierOf(key), issuer.keyId)),
  });
  const certificate = new Certificate({
    tbsCertificate: body,
    signatureAlgorithm: signature,
    signatureValue: arrayBuffer(signBytes(hash, Buffer.from(AsnConvert.serialize(body)), issuer.privateKey)),
  });
  return {
    pem: pemOf(Buffer.from(AsnConvert.serialize(certificate))),
    serialNumber: serialNumber.toString("hex").toUpperCase(),
  };
}

/** RFC 7468, section 5. */
function pemOf(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function signatureOf(key: KeyObject) {
  const algorithm = algorithmOf(key);
  const isRsa = algorithm?.type === "rsa";
  const signature = SIGNATURES[isRsa ? "rsa" : `ec${algorithm?.bits}`];
  if (signature === undefined) throw new Error("an authority's key is ECDSA P-256, P-384, P-521 or RSA");
  return { ...signature, isRsa };
}

/** Without a subject the alternative name must be critical (RFC 5280, 4.2.1.6). */
function extensions(
  { authority, uri, dnsNames, subject }: CertificateTemplate,
  subjectKeyId: Buffer,
  authorityKeyId: Buffer,
): Extension[] {
  const usage = authority
    ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature
    : KeyUsageFlags.digitalSignature |
      KeyUsageFlags.keyEncipherment |
      KeyUsageFlags.dataEncipherment |
      KeyUsageFlags.keyAgreement;
  const names = [
    new GeneralName({ uniformResourceIdentifier: uri }),
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
  ];
  return [
    extension(id_ce_keyUsage, true, new KeyUsage(usage)),
    extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: authority })),
    ...(authority
      ? []
      : [extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_clientAuth, id_kp_serverAuth]))]),
    extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(arrayBuffer(subjectKeyId))),
    extension(
      id_ce_authorityKeyIdentifier,
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(arrayBuffer(authorityKeyId)) }),
    ),
    extension(id_ce_subjectAltName, subject.length === 0, new SubjectAlternativeName(names)),
  ];
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** 20 octets at most, positive, not zero (RFC 5280, 4.1.2.2). */
function newSerialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
