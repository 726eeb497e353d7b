import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SdsSecretConfigSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { SecretSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
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

export function leafSecret({ certificate, privateKey }: LeafCertificate): Resource {
  return resource("secret", LEAF, SecretSchema, {
    name: LEAF,
    type: {
      case: "tlsCertificate",
      value: { certificateChain: inline(certificate), privateKey: inline(privateKey) },
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
