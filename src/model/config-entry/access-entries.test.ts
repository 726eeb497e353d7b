import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pathText } from "../diagnostic.ts";
import { readConfigEntry } from "./config-entry.ts";

const problemsOf = (written: object) =>
  readConfigEntry(written).problems.map(({ path = [], detail }) => `${pathText(path)}: ${detail}`);

describe("service-intentions", () => {
  const source = (more: object) =>
    problemsOf({ Kind: "service-intentions", Name: "api", Sources: [{ Name: "web", ...more }] });
  const permission = (HTTP: object, more: object = {}) =>
    source({ Permissions: [{ Action: "allow", HTTP, ...more }] });
  const header = (match: object) => permission({ Header: [{ Name: "x-role", ...match }] });

  it("takes every way to match", () => {
    const everything = {
      PathRegex: "/v[12]",
      Methods: ["get", "TRACE"],
      Header: [{ Name: "a", Contains: "b", IgnoreCase: true }],
    };
    assert.deepEqual(permission(everything), []);
    assert.deepEqual(source({ Permissions: [{ action: "deny", http: { path_prefix: "/x" } }] }), []);
    assert.deepEqual(
      source({ Permissions: [{ Action: "allow", JWT: { Providers: [{ Name: "okta" }] } }] }),
      [],
    );
  });

  for (const [what, problems, expected] of [
    [
      "neither action nor permissions",
      source({}),
      /^Sources\[0\]\.Action: Expected "allow" or "deny", or Permissions/,
    ],
    [
      "both",
      source({ Action: "deny", Permissions: [{ Action: "allow", HTTP: { PathExact: "/" } }] }),
      /exclude/,
    ],
    [
      "a permission without action",
      source({ Permissions: [{ HTTP: { PathExact: "/" } }] }),
      /Permissions\[0\]\.Action/,
    ],
    ["an empty permission", permission({}), /Permissions\[0\]\.HTTP: At least one of/],
    ["a permission about nothing", source({ Permissions: [{ Action: "allow" }] }), /which requests/],
    ["two paths", permission({ PathExact: "/a", PathPrefix: "/b" }), /exclude one another/],
    ["a path without slash", permission({ PathPrefix: "a" }), /PathPrefix: A path begins with/],
    ["a pattern that is none", permission({ PathRegex: "(" }), /PathRegex/],
    ["look-behind, which RE2 has not", permission({ PathRegex: "(?<=a)b" }), /PathRegex/],
    ["an unknown method", permission({ Methods: ["GOT"] }), /Methods\[0\]: Expected one of GET/],
    ["a method twice", permission({ Methods: ["GET", "get"] }), /Methods\[1\].*more than once/],
    ["a path with a query", permission({ PathExact: "/a?b" }), /neither query nor fragment/],
    [
      "a header name that is none",
      permission({ Header: [{ Name: "x role", Present: true }] }),
      /no name of a header/,
    ],
    ["a header without name", permission({ Header: [{ Present: true }] }), /Header\[0\]\.Name/],
    ["a header with no way to match", header({}), /Header\[0\]: Exactly one/],
    ["a header with two", header({ Exact: "a", Suffix: "b" }), /Header\[0\]: Exactly one/],
    ["IgnoreCase for a pattern", header({ Regex: "a", IgnoreCase: true }), /\(\?i\)/],
    [
      "a token of nobody",
      permission({ PathExact: "/" }, { JWT: { Providers: [] } }),
      /At least one provider/,
    ],
    [
      "a claim without path",
      permission({ PathExact: "/" }, { JWT: { Providers: [{ Name: "a", VerifyClaims: [{ Value: "x" }] }] } }),
      /VerifyClaims\[0\]\.Path/,
    ],
    ["a peer by wildcard", source({ Peer: "*", Action: "deny" }), /Peer/],
  ] as const) {
    it(`refuses ${what}`, () => assert.match(problems.join("\n"), expected));
  }

  it("refuses permissions for all destinations", () => {
    const Sources = [{ Name: "web", Permissions: [{ Action: "allow", HTTP: { PathExact: "/" } }] }];
    assert.match(
      problemsOf({ Kind: "service-intentions", Name: "*", Sources }).join(),
      /wildcard destination/,
    );
  });

  it("takes the same name of two peers, and not twice of one", () => {
    const sources = (...peers: string[]) =>
      problemsOf({
        Kind: "service-intentions",
        Name: "api",
        Sources: peers.map((Peer) => ({ Name: "web", Peer, Action: "deny" })),
      });
    assert.deepEqual(sources("", "cloud", "farm"), []);
    assert.match(sources("cloud", "cloud").join(), /Sources\[1\]\.Name.*more than once/);
  });
});

describe("jwt-provider", () => {
  const JWKS = Buffer.from('{"keys":[{"kty":"oct"}]}').toString("base64");
  const provider = (more: object) =>
    problemsOf({ Kind: "jwt-provider", Name: "okta", JSONWebKeySet: { Local: { JWKS } }, ...more }).join(
      "\n",
    );
  const keys = (JSONWebKeySet: object) => provider({ JSONWebKeySet });
  const remote = (more: object) => keys({ Remote: { URI: "https://keys.example/x", ...more } });

  it("takes keys that are there, in a file, and elsewhere", () => {
    assert.equal(provider({}), "");
    assert.equal(keys({ Local: { Filename: "/keys.json" } }), "");
    assert.equal(remote({ JWKSCluster: { DiscoveryType: "LOGICAL_DNS" }, CacheDuration: "1m" }), "");
    const { entry } = readConfigEntry({
      Kind: "jwt-provider",
      Name: "okta",
      JSONWebKeySet: { Remote: { URI: "http://a" } },
    });
    assert.ok(entry?.Kind === "jwt-provider");
    assert.equal(entry.ClockSkewSeconds, 30);
    assert.equal(entry.JSONWebKeySet?.Remote?.RequestTimeoutMs, 1000);
    assert.equal(entry.JSONWebKeySet?.Remote?.CacheDuration, 300e9);
  });

  for (const [what, problem, expected] of [
    ["no keys", provider({ JSONWebKeySet: null }), /JSONWebKeySet/],
    [
      "two sources of keys",
      keys({ Local: { JWKS }, Remote: { URI: "http://a" } }),
      /Exactly one of Local and Remote/,
    ],
    ["two local sources", keys({ Local: { JWKS, Filename: "/x" } }), /Exactly one of JWKS and Filename/],
    ["keys that are none", keys({ Local: { JWKS: "bm90aGluZw==" } }), /JSON Web Key Set/],
    ["a place that is none", remote({ URI: "ftp://a" }), /http or https/],
    ["a way to find it that Envoy has not", remote({ JWKSCluster: { DiscoveryType: "EDS" } }), /STRICT_DNS/],
    ["a name as an address", remote({ JWKSCluster: { DiscoveryType: "STATIC" } }), /is a name/],
    [
      "an interval above its bound",
      remote({ RetryPolicy: { RetryPolicyBackOff: { BaseInterval: "5s", MaxInterval: "1s" } } }),
      /MaxInterval/,
    ],
    [
      "a place of the token that is two",
      provider({ Locations: [{ Header: { Name: "a" }, Cookie: { Name: "b" } }] }),
      /Locations\[0\]: Exactly one/,
    ],
    ["a place without name", provider({ Locations: [{ Cookie: {} }] }), /Cookie\.Name/],
    ["forwarding to nowhere", provider({ Forwarding: {} }), /HeaderName/],
  ] as const) {
    it(`refuses ${what}`, () => assert.match(problem, expected));
  }
});
