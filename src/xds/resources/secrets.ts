import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SdsSecretConfigSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { SecretSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import type { CertificateEntry } from "#mesh/mesh.ts";
import { type Resource, resource } from "../resource.ts";
import { fromAds } from "./source.ts";

/**
 * The two secrets that every proxy asks for have the same names everywhere, so that clusters and listeners
 * which name them are the same bytes for all; what a name means depends on who asks.
 */
export const LEAF = "leaf";
export const ROOTS = "roots";

export interface LeafCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A gateway stands for services outside, each with a leaf of its own. */
export function leafName(service: string): string {
  return `${LEAF}/${service}`;
}

export function leafSecret({ certificate, privateKey }: LeafCertificate, name: string = LEAF): Resource {
  return resource("secret", name, SecretSchema, {
    name,
    type: {
      case: "tlsCertificate",
      value: { certificateChain: inline(certificate), privateKey: inline(privateKey) },
    },
  });
}

/** The name of the secret that a config entry with a certificate becomes. */
export function certificateName(kind: string, name: string): string {
  return `${kind}/${name}`;
}

/** A certificate by a config entry: in it, or in files of the gateway's machine. */
export function certificateSecret({ Kind, Name, Certificate, PrivateKey }: CertificateEntry): Resource {
  const source = Kind === "inline-certificate" ? inline : inFile;
  const name = certificateName(Kind, Name);
  return resource("secret", name, SecretSchema, {
    name,
    type: {
      case: "tlsCertificate",
      value: { certificateChain: source(Certificate), privateKey: source(PrivateKey) },
    },
  });
}

/** `trustBundle`: every root certificate that is trusted, as PEM. */
export function rootsSecret(trustBundle: string): Resource {
  return resource("secret", ROOTS, SecretSchema, {
    name: ROOTS,
    type: { case: "validationContext", value: { trustedCa: inline(trustBundle) } },
  });
}

export function secretByName(name: string): MessageInitShape<typeof SdsSecretConfigSchema> {
  return { name, sdsConfig: fromAds };
}

function inline(text: string) {
  return { specifier: { case: "inlineString" as const, value: text } };
}

function inFile(filename: string) {
  return { specifier: { case: "filename" as const, value: filename } };
}
