import { boolean, object, optional, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { tlsParameters } from "./gateway-tls.ts";
import { meta } from "./meta.ts";

export const meshTransparentProxy = object("mesh TransparentProxy", "What redirected traffic may reach.", {
  MeshDestinationsOnly: boolean("Nothing outside of the mesh."),
});

export const directionalTls = object("mesh TLS parameters", "Of the mesh's own connections.", tlsParameters);

export type MeshTlsParameters = Value<typeof directionalTls>;

export const meshTls = object("mesh TLS", "Versions and ciphers between proxies.", {
  Incoming: optional(directionalTls, "Where proxies take connections."),
  Outgoing: optional(directionalTls, "Where proxies make connections."),
});

export const requestNormalization = object(
  "RequestNormalization",
  "How a request is brought into one spelling before it is ruled and routed.",
  {
    InsecureDisablePathNormalization: boolean("Leave paths as they are: rules for paths can be got round."),
    MergeSlashes: boolean("Several slashes are one."),
    PathWithEscapedSlashesAction: string("What becomes of `%2F` and `%5C` in paths.", {
      oneOf: [
        "",
        "IMPLEMENTATION_SPECIFIC_DEFAULT",
        "KEEP_UNCHANGED",
        "REJECT_REQUEST",
        "UNESCAPE_AND_REDIRECT",
        "UNESCAPE_AND_FORWARD",
      ],
    }),
    HeadersWithUnderscoresAction: string("What becomes of headers with underscores in their names.", {
      oneOf: ["", "ALLOW", "REJECT_REQUEST", "DROP_HEADER"],
    }),
  },
);

export type RequestNormalization = Value<typeof requestNormalization>;

export const meshHttpIncoming = object("mesh HTTP Incoming", "Requests that a proxy takes for its task.", {
  RequestNormalization: optional(requestNormalization),
});

export const meshHttp = object("mesh HTTP", "How requests are treated everywhere.", {
  SanitizeXForwardedClientCert: boolean("Tasks do not see who called (`x-forwarded-client-cert`)."),
  Incoming: optional(meshHttpIncoming),
});

export const meshPeering = object("mesh Peering", "How peers are reached.", {
  PeerThroughMeshGateways: boolean("Through mesh gateways."),
});

export const mesh = object("mesh", "What holds for the mesh as a whole.", {
  Kind: string("", { oneOf: ["mesh"] }),
  Name: string("Always `mesh`; may be left out.", { default: "mesh", oneOf: ["mesh"] }),
  TransparentProxy: optional(meshTransparentProxy),
  AllowEnablingPermissiveMutualTLS: boolean("Services may take plain connections (`MutualTLSMode`)."),
  ValidateClusters: boolean("A route to a cluster that a proxy does not know is refused by the proxy."),
  TLS: optional(meshTls),
  HTTP: optional(meshHttp),
  Peering: optional(meshPeering),
  Meta: meta,
});

export type MeshEntry = Value<typeof mesh>;
