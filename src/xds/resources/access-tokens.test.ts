import { describe, it } from "node:test";
import { jwtProvider } from "../../../test/access/intention-entry.ts";
import { matchResources } from "../../../test/support/resource-golden.ts";
import type { Resource } from "../resource.ts";
import { tokensResource } from "./access-tokens.ts";
import { jwksClusterResource } from "./jwks-cluster.ts";

const golden = (name: string, ...resources: Resource[]) =>
  matchResources(import.meta.dirname, `tokens/${name}`, resources);

const KEYS = Buffer.from('{"keys":[{"kty":"RSA","e":"AQAB","kid":"one","n":"AQAB"}]}').toString("base64");

const inline = jwtProvider({
  Name: "okta",
  Issuer: "https://okta.example",
  Audiences: ["api"],
  JSONWebKeySet: { Local: { JWKS: KEYS } },
});

const everything = jwtProvider({
  Name: "auth0",
  Issuer: "https://auth0.example",
  JSONWebKeySet: {
    Remote: {
      URI: "https://auth0.example/keys",
      RequestTimeoutMs: 500,
      CacheDuration: "1m30s",
      FetchAsynchronously: true,
      UseSNI: true,
      RetryPolicy: { NumRetries: 3, RetryPolicyBackOff: { BaseInterval: "200ms", MaxInterval: "2s" } },
    },
  },
  Locations: [
    { Header: { Name: "x-token", ValuePrefix: "Token ", Forward: true } },
    { QueryParam: { Name: "token" } },
    { Cookie: { Name: "session" } },
  ],
  Forwarding: { HeaderName: "x-claims", PadForwardPayloadHeader: true },
  ClockSkewSeconds: 5,
  CacheConfig: { Size: 100 },
});

const onDisk = jwtProvider({ Name: "file", JSONWebKeySet: { Local: { Filename: "/secrets/keys.json" } } });

describe("checks of tokens", () => {
  it("none, where no intention asks for any", () => golden("no-provider", tokensResource("api", [])));
  it("keys in the entry", () => golden("local-provider", tokensResource("api", [inline])));
  it("keys in a file", () => golden("file-provider", tokensResource("api", [onDisk])));
  it("keys that are fetched, and every setting", () =>
    golden("remote-provider", tokensResource("api", [everything])));
  it("several providers, each tried whatever the others say", () =>
    golden("multiple-providers", tokensResource("api", [everything, inline])));
});

const remote = (URI: string, more: object = {}) => {
  const provider = jwtProvider({ Name: "okta", JSONWebKeySet: { Remote: { URI, ...more } } });
  return jwksClusterResource("okta", provider.JSONWebKeySet?.Remote ?? raise());
};

function raise(): never {
  throw new Error("the provider's keys are not remote");
}

describe("clusters of keys", () => {
  const hosts = { hostname: "keys.example", ip: "192.0.2.7", ipv6: "[2001:db8::7]" };
  for (const scheme of ["http", "https"]) {
    for (const [kind, host] of Object.entries(hosts)) {
      for (const port of ["", ":9443"]) {
        const name = `jwks-${scheme}-${kind}-${port === "" ? "no-port" : "port"}`;
        it(name, () => golden(name, remote(`${scheme}://${host}${port}/keys`, { UseSNI: true })));
      }
    }
  }

  it("jwks-https-hostname-no-sni", () =>
    golden("jwks-https-hostname-no-sni", remote("https://keys.example/keys")));

  it("with all that can be said of them", () =>
    golden(
      "jwks-cluster",
      remote("https://keys.example/keys", {
        JWKSCluster: {
          DiscoveryType: "LOGICAL_DNS",
          ConnectTimeout: "2s",
          TLSCertificates: { TrustedCA: { InlineString: "PEM" } },
        },
      }),
    ));
});
