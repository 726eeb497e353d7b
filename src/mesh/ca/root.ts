import { type KeyObject, X509Certificate } from "node:crypto";
import { algorithmOf, type KeyAlgorithm, type KeyPair, keyIdentifier } from "./keys.ts";
import { parseCertificate } from "./parsed-certificate.ts";
import { type Issuer, sign } from "./signer.ts";
import type { TrustDomain } from "./spiffe.ts";
import { rootTemplate } from "./template.ts";

/** A certificate that the mesh trusts. Its key is kept apart. Times are milliseconds since 1970. */
export interface Root {
  /** SHA-1 fingerprint of the certificate, as Consul names roots. */
  readonly ID: string;
  readonly Name: string;
  /** What everybody trusts. */
  readonly RootCert: string;
  /** The certificate whose key signs leaves: the root's own, or one below it. */
  readonly SigningCert: string;
  /** What a leaf shows beside itself, so that those who do not know the signing certificate reach a root. */
  readonly IntermediateCerts: readonly string[];
  readonly SigningKeyID: string;
  readonly SerialNumber: string;
  readonly NotBefore: number;
  readonly NotAfter: number;
  readonly PrivateKeyType: KeyAlgorithm["type"];
  readonly PrivateKeyBits: number;
  /** Whether it was made elsewhere. */
  readonly External: boolean;
  /** It signs new leaves. */
  readonly Active: boolean;
  /** When it was followed by another; null while it is active. */
  readonly RotatedOutAt: number | null;
  /** From when on nothing needs it any more; null while it is active. */
  readonly RetiresAt: number | null;
}

/** A root with the key that signs under it. */
export interface Authority {
  readonly root: Root;
  readonly privateKey: KeyObject;
}

/** A new self-signed root of a cluster. */
export function newRoot(trustDomain: TrustDomain, key: KeyPair, lifetime: number, now: number): Root {
  const template = rootTemplate(trustDomain, key.publicKey, lifetime, now);
  const issuer: Issuer = {
    name: template.subject,
    keyId: keyIdentifier(key.publicKey),
    privateKey: key.privateKey,
  };
  const { pem } = sign(template, key, issuer);
  return rootOf([pem], { name: "Yurt CA Root Cert", external: false });
}

/** `chain`: the signing certificate, who issued it, and so on; the last one is what everybody trusts. */
export function rootOf(
  chain: readonly string[],
  { name, external }: { readonly name: string; readonly external: boolean },
): Root {
  const [signing, trusted] = [new X509Certificate(chain[0] ?? ""), new X509Certificate(chain.at(-1) ?? "")];
  const algorithm = algorithmOf(signing.publicKey);
  if (algorithm === null) throw new Error("an authority's key is ECDSA P-256, P-384, P-521 or RSA");
  return {
    ID: trusted.fingerprint.toLowerCase(),
    Name: name,
    RootCert: trusted.toString(),
    SigningCert: signing.toString(),
    IntermediateCerts: chain.slice(0, -1),
    SigningKeyID: colons(parseCertificate(signing.toString()).keyId),
    SerialNumber: trusted.serialNumber,
    NotBefore: Date.parse(trusted.validFrom),
    NotAfter: Date.parse(trusted.validTo),
    PrivateKeyType: algorithm.type,
    PrivateKeyBits: algorithm.bits,
    External: external,
    Active: true,
    RotatedOutAt: null,
    RetiresAt: null,
  };
}

/** Every root that is trusted, one after the other. */
export function trustBundle(roots: readonly Root[]): string {
  return roots.map(({ RootCert }) => RootCert).join("");
}

type LeafIssuer = Issuer & { readonly notAfter: number };

/** In whose name, and with what key, leaves are signed. */
export function issuerOf(authority: Authority): LeafIssuer {
  const known = issuers.get(authority);
  if (known !== undefined) return known;
  const { subject, keyId, x509 } = parseCertificate(authority.root.SigningCert);
  const issuer = {
    ...{ name: subject, keyId, privateKey: authority.privateKey },
    notAfter: Date.parse(x509.validTo),
  };
  issuers.set(authority, issuer);
  return issuer;
}

/** A certificate is read once, whatever it signs. */
const issuers = new WeakMap<Authority, LeafIssuer>();

function colons(bytes: Buffer): string {
  return bytes.toString("hex").replace(/(..)(?!$)/g, "$1:");
}
