import { boolean, duration, integer, list, object, optional, string, strings } from "../schema/builders.ts";
import { millisecond, minute, second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";

export const jwksTrustedCa = object(
  "TrustedCA",
  "Whose certificates are trusted. Exactly one way to say it.",
  {
    Filename: string("A file in the proxy's file system, PEM."),
    EnvironmentVariable: string("A variable in the proxy's environment, PEM."),
    InlineString: string("PEM."),
    InlineBytes: string("PEM, in base64."),
  },
);

export const jwksCertificateProvider = object("CaCertificateProviderInstance", "Not in Envoy.", {
  InstanceName: string(""),
  CertificateName: string(""),
});

export const jwksTls = object("TLSCertificates", "How the provider proves who it is.", {
  CaCertificateProviderInstance: optional(jwksCertificateProvider),
  TrustedCA: optional(jwksTrustedCa),
});

export const jwksCluster = object("JWKSCluster", "How the provider is found and reached.", {
  DiscoveryType: string("How its address is found.", {
    default: "STRICT_DNS",
    oneOf: ["STRICT_DNS", "STATIC", "LOGICAL_DNS", "EDS", "ORIGINAL_DST"],
  }),
  ConnectTimeout: duration("How long a connection may take.", {
    default: 5 * second,
    min: millisecond,
    zeroIsAbsent: true,
  }),
  TLSCertificates: optional(jwksTls, "Of an https URI; by default who the proxy's machine trusts."),
});

export type JwksCluster = Value<typeof jwksCluster>;

export const jwksBackOff = object("RetryPolicyBackOff", "How long to wait between attempts.", {
  BaseInterval: duration("After the first.", { default: second, min: millisecond, zeroIsAbsent: true }),
  MaxInterval: duration("At most.", { default: 10 * second, min: millisecond, zeroIsAbsent: true }),
});

export const jwksRetry = object("RetryPolicy", "What happens when the keys cannot be fetched.", {
  NumRetries: integer("How often to try again.", { min: 0, max: 1000 }),
  RetryPolicyBackOff: optional(jwksBackOff),
});

export const remoteJwks = object("Remote", "Keys that every proxy fetches.", {
  URI: string("Where they are: http or https."),
  RequestTimeoutMs: integer("How long a fetch may take, in milliseconds.", {
    default: 1000,
    min: 1,
    zeroIsAbsent: true,
  }),
  CacheDuration: duration("How long fetched keys are used.", {
    default: 5 * minute,
    min: millisecond,
    zeroIsAbsent: true,
  }),
  FetchAsynchronously: boolean("Fetch at once and before they go stale, not when a request needs them."),
  UseSNI: boolean("Name the host in the TLS handshake."),
  RetryPolicy: optional(jwksRetry),
  JWKSCluster: optional(jwksCluster),
});

export type RemoteJwks = Value<typeof remoteJwks>;

export const localJwks = object("Local", "Keys that are known. Exactly one way to say them.", {
  JWKS: string("The key set, JSON in base64.", { maxLength: 1024 * 1024 }),
  Filename: string("A file in the proxy's file system."),
});

export const jsonWebKeySet = object("JSONWebKeySet", "The keys that tokens are signed with.", {
  Local: optional(localJwks),
  Remote: optional(remoteJwks),
});

export const tokenHeader = object("Header of a token", "In a header.", {
  Name: string("The header's name."),
  ValuePrefix: string("What stands before the token, such as `Bearer `."),
  Forward: boolean("Leave the token in the request."),
});

export const tokenQueryParameter = object("QueryParam of a token", "In the query.", {
  Name: string("The parameter's name."),
});

export const tokenCookie = object("Cookie of a token", "In a cookie.", {
  Name: string("The cookie's name."),
});

export const tokenLocation = object("Location", "Where requests bring their token. Exactly one of these.", {
  Header: optional(tokenHeader),
  QueryParam: optional(tokenQueryParameter),
  Cookie: optional(tokenCookie),
});

export const tokenForwarding = object("Forwarding", "Tell the task what the token says.", {
  HeaderName: string("The header that gets it, base64url-encoded."),
  PadForwardPayloadHeader: boolean("Pad the encoding with =."),
});

export const tokenCache = object("CacheConfig", "Tokens that are not checked twice.", {
  Size: integer("How many are kept.", { min: 0, max: 1_000_000 }),
});

export const jwtProvider = object("jwt-provider", "Who issues tokens, and how they are checked.", {
  Kind: string("", { oneOf: ["jwt-provider"] }),
  Name: string("How intentions name it."),
  JSONWebKeySet: optional(jsonWebKeySet),
  Issuer: string("Who must have issued a token; anyone with these keys if not set."),
  Audiences: strings("Whom a token must be for, any of these; anyone if none is given."),
  Locations: list(
    tokenLocation,
    "Where requests bring their token: by default the header Authorization, behind `Bearer `, and the query parameter access_token.",
  ),
  Forwarding: optional(tokenForwarding),
  ClockSkewSeconds: integer("By how much clocks may differ.", { default: 30, min: 0, zeroIsAbsent: true }),
  CacheConfig: optional(tokenCache),
  Meta: meta,
});

export type JwtProvider = Value<typeof jwtProvider>;
