import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { rule } from "../schema/check.ts";
import { fileSystemCertificate } from "./file-system-certificate.ts";
import { inlineCertificate } from "./inline-certificate.ts";

/** What must hold of a gateway's certificates: Envoy must be able to serve them. */

const leastRsaBits = 2048;
const curves: readonly (string | undefined)[] = ["prime256v1", "secp384r1", "secp521r1"];

function read<Result>(reading: () => Result): Result | null {
  try {
    return reading();
  } catch {
    return null;
  }
}

function keyProblem(key: KeyObject | null): string | null {
  if (key === null) return "Expected a private key as PEM, not encrypted.";
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa")
    return modulusLength < leastRsaBits
      ? `An RSA key has at least ${leastRsaBits} bits, not ${modulusLength}.`
      : null;
  return key.asymmetricKeyType === "ec" && curves.includes(namedCurve)
    ? null
    : "Expected a key for RSA, or for ECDSA on P-256, P-384 or P-521.";
}

const certificateIn = (pem: string) => read(() => new X509Certificate(pem));
const keyIn = (pem: string) => read(() => createPrivateKey(pem));

export const inlineCertificateRules = [
  rule(
    inlineCertificate,
    "Certificate",
    ({ Certificate }) => certificateIn(Certificate) === null && "Expected a certificate as PEM.",
  ),
  rule(inlineCertificate, "PrivateKey", ({ PrivateKey }) => keyProblem(keyIn(PrivateKey))),
  rule(inlineCertificate, "PrivateKey", ({ Certificate, PrivateKey }) => {
    const certificate = certificateIn(Certificate);
    const key = keyIn(PrivateKey);
    return (
      certificate !== null &&
      key !== null &&
      !certificate.checkPrivateKey(key) &&
      "It is not the key of the certificate."
    );
  }),
];

export const fileSystemCertificateRules = [
  rule(fileSystemCertificate, "Certificate", ({ Certificate }) => Certificate === "" && "Name the file."),
  rule(fileSystemCertificate, "PrivateKey", ({ PrivateKey }) => PrivateKey === "" && "Name the file."),
];
