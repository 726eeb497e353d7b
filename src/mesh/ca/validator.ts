import { KEY_SIZES } from "#model/ca-configuration.ts";
import { algorithmOf, type KeyPair, keyPairOf } from "./keys.ts";
import { type ParsedCertificate, parseCertificates } from "./parsed-certificate.ts";
import { type Root, rootOf } from "./root.ts";
import { signingUri, type TrustDomain } from "./spiffe.ts";

/** Why a key or a chain cannot be the mesh's authority, in a sentence. */
export class AuthorityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AuthorityError";
  }
}

const MOST_CERTIFICATES = 10;

/** Reads an authority's private key. Throws an {@link AuthorityError}. */
export function readPrivateKey(pem: string): KeyPair {
  const key = keyPairFrom(pem);
  if (algorithmOf(key.privateKey) === null) {
    throw new AuthorityError(
      `PrivateKey: expected an ECDSA key with ${KEY_SIZES.ec.join(", ")} bits or an RSA key with at least 2048`,
    );
  }
  return key;
}

/**
 * Reads an authority that was made elsewhere: `chain` is the certificate of the key, then who issued it, up to
 * the one that everybody shall trust. Throws an {@link AuthorityError} where its leaves would not be trusted.
 */
export function readExternalRoot(chain: string, key: KeyPair, trustDomain: TrustDomain, now: number): Root {
  const certificates = certificatesFrom(chain);
  const [signing] = certificates;
  if (signing === undefined)
    throw new AuthorityError("RootCert: expected PEM certificates, the one of the key first");
  if (certificates.length > MOST_CERTIFICATES)
    throw new AuthorityError(`RootCert: at most ${MOST_CERTIFICATES} certificates are read`);
  if (!signing.x509.checkPrivateKey(key.privateKey))
    throw new AuthorityError("PrivateKey: it is not the key of the first certificate of RootCert");
  certificates.forEach((certificate, i) => {
    refuseUnfit(certificate, certificates[i + 1], trustDomain, now);
  });
  const pems = certificates.map(({ x509 }) => x509.toString());
  return rootOf(pems, { name: "External CA Root Cert", external: true });
}

function refuseUnfit(
  { x509, signsCertificates }: ParsedCertificate,
  issuer: ParsedCertificate | undefined,
  trustDomain: TrustDomain,
  now: number,
): void {
  const name = `RootCert: the certificate "${x509.subject?.replaceAll("\n", ", ") ?? "without subject"}"`;
  if (!x509.ca || !signsCertificates) throw new AuthorityError(`${name} may not sign others`);
  if (Date.parse(x509.validFrom) > now)
    throw new AuthorityError(`${name} is valid only from ${x509.validFrom}`);
  if (Date.parse(x509.validTo) <= now) throw new AuthorityError(`${name} was valid until ${x509.validTo}`);
  if (algorithmOf(x509.publicKey) === null)
    throw new AuthorityError(`${name} has a key that is neither ECDSA nor RSA with at least 2048 bits`);
  if (issuer !== undefined && !(x509.checkIssued(issuer.x509) && x509.verify(issuer.x509.publicKey)))
    throw new AuthorityError(`${name} was not issued by the one after it`);
  const uri = /URI:(spiffe:\/\/[^,/]+)/.exec(x509.subjectAltName ?? "")?.[1];
  if (uri !== undefined && uri.toLowerCase() !== signingUri(trustDomain))
    throw new AuthorityError(`${name} is for ${uri}, but this mesh is ${signingUri(trustDomain)}`);
}

function keyPairFrom(pem: string): KeyPair {
  try {
    return keyPairOf(pem);
  } catch {
    throw new AuthorityError("PrivateKey: expected a private key in PEM, not encrypted");
  }
}

function certificatesFrom(pem: string): ParsedCertificate[] {
  try {
    return parseCertificates(pem);
  } catch {
    throw new AuthorityError("RootCert: one of its certificates cannot be read");
  }
}
