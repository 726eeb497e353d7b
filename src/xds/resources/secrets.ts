import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SdsSecretConfigSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { SecretSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { SPIFFECertValidatorConfigSchema } from "#envoy/extensions/transport_sockets/tls/v3/tls_spiffe_validator_config_pb.js";
import type { CertificateEntry } from "#mesh/gateways.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { fromAds } from "./source.ts";

/**
 * The two secrets that every proxy asks for have the same names everywhere, so that clusters and listeners
 * which name them are the same bytes for all; what a name means depends on who asks.
 */
export const LEAF = "leaf";
export const ROOTS = "roots";
/** Whose calls a proxy takes: those of the own mesh, and of peers that may call its service. */
export const CALLERS = "callers";

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

/** Whom its own callers' certificates must be of, where a gateway stands for a service outside. */
export function callersName(service: string): string {
  return `${CALLERS}/${service}`;
}

/** The name of the roots of a peer. */
export function peerRootsName(peer: string): string {
  return `${ROOTS}/${peer}`;
}

/** `trustBundle`: every root certificate that is trusted, as PEM. */
export function rootsSecret(trustBundle: string, name: string = ROOTS): Resource {
  return resource("secret", name, SecretSchema, {
    name,
    type: { case: "validationContext", value: { trustedCa: inline(trustBundle) } },
  });
}

/** A mesh, and the roots under which its certificates are. */
export interface TrustedMesh {
  readonly trustDomain: string;
  /** PEM. */
  readonly roots: string;
}

/** Each mesh can only speak for itself: a certificate under its roots counts for its own trust domain alone. */
export function callersSecret(name: string, own: TrustedMesh, peers: readonly TrustedMesh[]): Resource {
  if (peers.length === 0) return rootsSecret(own.roots, name);
  const trustDomains = [own, ...peers].map(({ trustDomain, roots }) => ({
    name: trustDomain,
    trustBundle: inline(roots),
  }));
  return resource("secret", name, SecretSchema, {
    name,
    type: {
      case: "validationContext",
      value: {
        customValidatorConfig: {
          name: "envoy.tls.cert_validator.spiffe",
          typedConfig: pack(SPIFFECertValidatorConfigSchema, { trustDomains }),
        },
      },
    },
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
