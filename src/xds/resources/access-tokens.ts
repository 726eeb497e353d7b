import type { MessageInitShape } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "#envoy/config/core/v3/extension_pb.js";
import {
  JwtAuthenticationSchema,
  type JwtProviderSchema,
  type JwtRequirementSchema,
  type RemoteJwksSchema,
} from "#envoy/extensions/filters/http/jwt_authn/v3/config_pb.js";
import type { JwtProvider, RemoteJwks } from "#model/config-entry/jwt-provider.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { jwksClusterName } from "./jwks-cluster.ts";
import { nanoseconds, seconds } from "./source.ts";

export const JWT_AUTHN = "envoy.filters.http.jwt_authn";

export const tokensName = (service: string) => `tokens/${service}`;

/** Where the content of a provider's valid token is found by the access rules. */
export const payloadKey = (provider: string) => `jwt_payload_${provider}`;

/**
 * Checks the tokens that the intentions of a service speak of, and leaves what valid ones say to the access
 * rules: who lacks a token is refused there, as everybody else is. Every provider is tried on every request,
 * for which of them is needed depends on the request.
 */
export function tokensResource(service: string, providers: readonly JwtProvider[]): Resource {
  const name = tokensName(service);
  const typedConfig = pack(JwtAuthenticationSchema, {
    providers: Object.fromEntries(providers.map((provider) => [provider.Name, checkOf(provider)])),
    rules:
      providers.length === 0
        ? []
        : [
            {
              match: { pathSpecifier: { case: "prefix", value: "/" } },
              requirementType: { case: "requires", value: tryAll(providers) },
            },
          ],
  });
  return resource("extension", name, TypedExtensionConfigSchema, { name, typedConfig });
}

type Requirement = MessageInitShape<typeof JwtRequirementSchema>;

function tryAll(providers: readonly JwtProvider[]): Requirement {
  const [first, ...others] = providers.map(
    ({ Name }): Requirement => ({
      requiresType: {
        case: "requiresAny",
        value: {
          requirements: [
            { requiresType: { case: "providerName", value: Name } },
            { requiresType: { case: "allowMissingOrFailed", value: {} } },
          ],
        },
      },
    }),
  );
  if (first !== undefined && others.length === 0) return first;
  const requirements = first === undefined ? [] : [first, ...others];
  return { requiresType: { case: "requiresAll", value: { requirements } } };
}

function checkOf(provider: JwtProvider): MessageInitShape<typeof JwtProviderSchema> {
  const { Name, Issuer, Audiences, Locations, Forwarding, ClockSkewSeconds, CacheConfig } = provider;
  const headers = Locations.flatMap(({ Header }) => Header ?? []);
  return {
    issuer: Issuer,
    audiences: Audiences,
    jwksSourceSpecifier: keysOf(provider),
    forward: headers.some(({ Forward }) => Forward),
    fromHeaders: headers.map((header) => ({ name: header.Name, valuePrefix: header.ValuePrefix })),
    fromParams: Locations.flatMap(({ QueryParam }) => QueryParam?.Name ?? []),
    fromCookies: Locations.flatMap(({ Cookie }) => Cookie?.Name ?? []),
    forwardPayloadHeader: Forwarding?.HeaderName ?? "",
    padForwardPayloadHeader: Forwarding?.PadForwardPayloadHeader ?? false,
    payloadInMetadata: payloadKey(Name),
    clockSkewSeconds: ClockSkewSeconds,
    ...(CacheConfig && { jwtCacheConfig: { jwtCacheSize: CacheConfig.Size } }),
  };
}

type KeySource = NonNullable<
  Extract<
    MessageInitShape<typeof JwtProviderSchema>,
    { readonly jwksSourceSpecifier?: unknown }
  >["jwksSourceSpecifier"]
>;

function keysOf({ Name, JSONWebKeySet }: JwtProvider): KeySource {
  const { Local = null, Remote = null } = JSONWebKeySet ?? {};
  if (Remote !== null) return { case: "remoteJwks", value: remote(Name, Remote) };
  const { JWKS = "", Filename = "" } = Local ?? {};
  const specifier =
    Filename === ""
      ? { case: "inlineString" as const, value: Buffer.from(JWKS, "base64").toString() }
      : { case: "filename" as const, value: Filename };
  return { case: "localJwks", value: { specifier } };
}

function remote(provider: string, jwks: RemoteJwks): MessageInitShape<typeof RemoteJwksSchema> {
  const { NumRetries, RetryPolicyBackOff } = jwks.RetryPolicy ?? {};
  return {
    httpUri: {
      uri: jwks.URI,
      httpUpstreamType: { case: "cluster", value: jwksClusterName(provider) },
      timeout: seconds(jwks.RequestTimeoutMs / 1000),
    },
    cacheDuration: nanoseconds(jwks.CacheDuration),
    ...(jwks.FetchAsynchronously && { asyncFetch: { fastListener: true } }),
    ...(jwks.RetryPolicy && {
      retryPolicy: {
        numRetries: NumRetries ?? 0,
        ...(RetryPolicyBackOff && {
          retryBackOff: {
            baseInterval: nanoseconds(RetryPolicyBackOff.BaseInterval),
            maxInterval: nanoseconds(RetryPolicyBackOff.MaxInterval),
          },
        }),
      },
    }),
  };
}
