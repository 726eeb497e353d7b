import { createPrivateKey, X509Certificate } from "node:crypto";
import { issueCertificate, keyIdentifier, newKeyPair, publicKeyOf } from "./certificate.ts";
import { type ServiceIdentity, serviceUri, signingUri, type TrustDomain } from "./spiffe.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Ten years, as Consul's built-in authority has it. */
const ROOT_LIFETIME = 87_600 * HOUR;

/** A root certificate and the key that signs with it. Times are milliseconds since 1970. */
export interface Root {
  /** SHA-1 fingerprint of the certificate, as Consul names roots. */
  readonly ID: string;
  readonly Name: string;
  readonly CommonName: string;
  readonly RootCert: string;
  /** PKCS#8 PEM. Secret: it never leaves the server's own store. */
  readonly PrivateKey: string;
  readonly SigningKeyID: string;
  readonly SerialNumber: string;
  readonly NotBefore: number;
  readonly NotAfter: number;
  readonly Active: boolean;
}

export interface Leaf {
  readonly uri: string;
  readonly serialNumber: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A new self-signed root of a cluster, ECDSA P-256. */
export async function newRoot(trustDomain: TrustDomain, now: number): Promise<Root> {
  const key = await newKeyPair();
  const commonName = `pri-${keyIdentifier(key.publicKey).toString("hex").slice(0, 8)}.consul.ca.${trustDomain.slice(0, 8)}.consul`;
  const [notBefore, notAfter] = [now - MINUTE, now + ROOT_LIFETIME];
  const content = {
    commonName,
    uri: signingUri(trustDomain),
    dnsNames: [],
    authority: true,
    notBefore,
    notAfter,
  };
  const pem = issueCertificate(content, key.publicKey, { commonName, key });
  const certificate = new X509Certificate(pem);
  return {
    ID: certificate.fingerprint.toLowerCase(),
    Name: "Yurt CA Root Cert",
    CommonName: commonName,
    RootCert: pem,
    PrivateKey: key.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    SigningKeyID: colons(keyIdentifier(key.publicKey)),
    SerialNumber: certificate.serialNumber,
    NotBefore: notBefore,
    NotAfter: notAfter,
    Active: true,
  };
}

/** A new key and its certificate for one proxy of a service, valid for `lifetime` milliseconds from `now`. */
export async function newLeaf(
  root: Root,
  identity: ServiceIdentity,
  lifetime: number,
  now: number,
): Promise<Leaf> {
  const key = await newKeyPair();
  const privateKey = createPrivateKey(root.PrivateKey);
  const issuer = { commonName: root.CommonName, key: { privateKey, publicKey: publicKeyOf(privateKey) } };
  const uri = serviceUri(identity);
  const [notBefore, notAfter] = [now - MINUTE, Math.min(now + lifetime, root.NotAfter)];
  const content = { commonName: "", uri, dnsNames: [], authority: false, notBefore, notAfter };
  const certificate = issueCertificate(content, key.publicKey, issuer);
  return {
    uri,
    serialNumber: new X509Certificate(certificate).serialNumber,
    certificate,
    privateKey: key.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    notBefore,
    notAfter,
  };
}

/** Every root that is trusted, one after the other. */
export function trustBundle(roots: readonly Root[]): string {
  return roots.map((root) => root.RootCert).join("");
}

function colons(bytes: Buffer): string {
  return bytes.toString("hex").replace(/(..)(?!$)/g, "$1:");
}
