import { createPrivateKey, createPublicKey, generateKeyPair, hash, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { AsnConvert } from "@peculiar/asn1-schema";
import { SubjectPublicKeyInfo } from "@peculiar/asn1-x509";

/** The kinds of key that an authority may have: what Envoy verifies, and no weaker ones. */
export interface KeyAlgorithm {
  readonly type: "ec" | "rsa";
  readonly bits: number;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

export function newKeyPair({ type, bits }: KeyAlgorithm): Promise<KeyPair> {
  return type === "rsa"
    ? generate("rsa", { modulusLength: bits })
    : generate("ec", { namedCurve: `P-${bits}` });
}

/** The key of a leaf: what every TLS library takes, and the cheapest to shake hands with. */
export function newLeafKeyPair(): Promise<KeyPair> {
  return newKeyPair({ type: "ec", bits: 256 });
}

/** PKCS#8, PEM. */
export function privateKeyText(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

export function keyPairOf(privateKeyPem: string): KeyPair {
  const privateKey = createPrivateKey(privateKeyPem);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

const CURVE_BITS: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

/** Null for a key that no authority may have. */
export function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyAlgorithm | null {
  if (asymmetricKeyType === "ec") {
    const bits = CURVE_BITS[asymmetricKeyDetails?.namedCurve ?? ""];
    return bits === undefined ? null : { type: "ec", bits };
  }
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  return asymmetricKeyType === "rsa" && bits >= 2048 ? { type: "rsa", bits } : null;
}

/** The SHA-1 of the public key, RFC 5280 section 4.2.1.2, method (1). */
export function keyIdentifier(key: KeyObject): Buffer {
  return identifierOf(publicKeyInfo(key));
}

export function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

export function identifierOf({ subjectPublicKey }: SubjectPublicKeyInfo): Buffer {
  return hash("sha1", Buffer.from(subjectPublicKey), "buffer");
}
