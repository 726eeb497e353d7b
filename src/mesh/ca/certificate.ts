import {
  createPublicKey,
  generateKeyPair,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { promisify } from "node:util";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
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
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const COMMON_NAME = "2.5.4.3";

/** What a certificate says; who signs it is {@link Issuer}. Times are milliseconds since 1970. */
export interface CertificateContent {
  readonly commonName: string;
  readonly uri: string;
  readonly dnsNames: readonly string[];
  readonly authority: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** The name and key that sign. `certificate` is null for a root, which signs itself. */
export interface Issuer {
  readonly commonName: string;
  readonly key: KeyPair;
}

const generate = promisify(generateKeyPair);

/** A new ECDSA P-256 key pair. */
export function newKeyPair(): Promise<KeyPair> {
  return generate("ec", { namedCurve: "P-256" });
}

/** Issues one X.509 v3 certificate (RFC 5280), signed with ECDSA and SHA-256, as PEM. */
export function issueCertificate(content: CertificateContent, subjectKey: KeyObject, issuer: Issuer): string {
  const publicKeyInfo = AsnConvert.parse(
    subjectKey.export({ type: "spki", format: "der" }),
    SubjectPublicKeyInfo,
  );
  const signature = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature,
    issuer: name(issuer.commonName),
    validity: new Validity({
      notBefore: new Date(content.notBefore),
      notAfter: new Date(content.notAfter),
    }),
    subject: name(content.commonName),
    subjectPublicKeyInfo: publicKeyInfo,
    extensions: new Extensions(
      extensions(content, keyIdentifier(subjectKey), keyIdentifier(issuer.key.publicKey)),
    ),
  });
  const signed = sign("sha256", Buffer.from(AsnConvert.serialize(body)), issuer.key.privateKey);
  const certificate = new Certificate({
    tbsCertificate: body,
    signatureAlgorithm: signature,
    signatureValue: arrayBuffer(signed),
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
}

/** The SHA-1 of the public key, RFC 5280 section 4.2.1.2, method (1). */
export function keyIdentifier(key: KeyObject): Buffer {
  const point = AsnConvert.parse(
    key.export({ type: "spki", format: "der" }),
    SubjectPublicKeyInfo,
  ).subjectPublicKey;
  return hash("sha1", Buffer.from(point), "buffer");
}

export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}

/** Without a common name the subject is empty, and the alternative name must be critical (RFC 5280, 4.2.1.6). */
function extensions(content: CertificateContent, subjectKeyId: Buffer, authorityKeyId: Buffer): Extension[] {
  const usage = content.authority
    ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature
    : KeyUsageFlags.digitalSignature |
      KeyUsageFlags.keyEncipherment |
      KeyUsageFlags.dataEncipherment |
      KeyUsageFlags.keyAgreement;
  const names = [
    new GeneralName({ uniformResourceIdentifier: content.uri }),
    ...content.dnsNames.map((dNSName) => new GeneralName({ dNSName })),
  ];
  return [
    extension(id_ce_keyUsage, true, new KeyUsage(usage)),
    extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: content.authority })),
    ...(content.authority
      ? []
      : [extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_clientAuth, id_kp_serverAuth]))]),
    extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(arrayBuffer(subjectKeyId))),
    extension(
      id_ce_authorityKeyIdentifier,
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(arrayBuffer(authorityKeyId)) }),
    ),
    extension(id_ce_subjectAltName, content.commonName === "", new SubjectAlternativeName(names)),
  ];
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function name(commonName: string): Name {
  if (commonName === "") return new Name([]);
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

/** 20 octets at most, positive, not zero (RFC 5280, 4.1.2.2). */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return arrayBuffer(bytes);
}

function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
