import { describe, it } from "node:test";
import { accessRules } from "#mesh/access-rules.ts";
import { type DefaultPolicy, intentionsOf } from "#mesh/intentions.ts";
import { intentionEntry } from "../../../test/access/intention-entry.ts";
import { matchResources } from "../../../test/support/resource-golden.ts";
import { accessResource } from "./access.ts";

/** The situations that Consul's own tests of access rules name, over TCP and over HTTP. */

const identities = {
  trustDomain: "11111111-2222-3333-4444-555555555555.consul",
  peers: new Map([
    ["cloud", { trustDomain: "cloud.consul", partition: "default" }],
    ["farm", { trustDomain: "farm.consul", partition: "part1" }],
  ]),
};

const allow = (Name: string, more: object = {}) => ({ Name, Action: "allow", ...more });
const deny = (Name: string, more: object = {}) => ({ Name, Action: "deny", ...more });
const byRequest = (Name: string, ...Permissions: object[]) => ({ Name, Permissions });

const path = (Action: string, PathPrefix: string, more: object = {}) => ({
  Action,
  HTTP: { PathPrefix },
  ...more,
});
const exact = (Action: string, PathExact: string) => ({ Action, HTTP: { PathExact } });

const kitchenSink = (Action: string) => [
  { Action, HTTP: { PathExact: "/v1/secret" } },
  { Action, HTTP: { PathPrefix: "/v1" } },
  { Action, HTTP: { PathRegex: "/v[123]" } },
  {
    Action,
    HTTP: {
      Header: [
        { Name: "x-foo", Present: true },
        { Name: "x-bar", Exact: "xyz" },
      ],
    },
  },
  {
    Action,
    HTTP: {
      Header: [
        { Name: "x-dib", Prefix: "gaz" },
        { Name: "x-gir", Suffix: "zim", IgnoreCase: true },
        { Name: "x-nom", Contains: "om", Invert: true },
        { Name: "x-zim", Regex: "gi[rR]" },
        { Name: "z-foo", Present: true, Invert: true },
      ],
      Methods: ["get", "POST"],
    },
  },
];

const mixed = (one: string, other: string) => [
  { Name: "cron", Action: one },
  byRequest("hole", path(other, "/v1"), path(one, "/")),
  { Name: "web", Action: other },
  { Name: "*", Action: one },
];

const twoPaths = (Action: string, otherwise: string) =>
  byRequest("web", exact(Action, "/v1/secret"), exact(Action, "/v1/admin"), path(otherwise, "/"));

const okta = (claims: object[] = []) => ({ Providers: [{ Name: "okta", VerifyClaims: claims }] });
const auth0 = { Providers: [{ Name: "auth0", VerifyClaims: [{ Path: ["perms", "role"], Value: "admin" }] }] };

interface Case {
  readonly policy: DefaultPolicy;
  readonly sources: readonly object[];
  readonly jwt?: object;
  /** Of the entry for all services. */
  readonly everywhere?: readonly object[];
}

const whenAllowed = (...sources: object[]): Case => ({ policy: "allow", sources });
const whenDenied = (...sources: object[]): Case => ({ policy: "deny", sources });

const cases: Readonly<Record<string, Case>> = {
  "default-allow-deny-all-and-path-allow": whenAllowed(byRequest("web", path("allow", "/")), deny("*")),
  "default-allow-deny-all-and-path-deny": whenAllowed(byRequest("web", path("deny", "/")), deny("*")),
  "default-allow-kitchen-sink": whenAllowed(...mixed("deny", "allow")),
  "default-allow-one-deny": whenAllowed(deny("web")),
  "default-allow-path-allow": whenAllowed(byRequest("web", path("allow", "/my/private"))),
  "default-allow-path-deny": whenAllowed(byRequest("web", path("deny", "/my/private"))),
  "default-allow-service-wildcard-deny": whenAllowed(deny("*")),
  "default-allow-single-intention-with-kitchen-sink-perms": whenAllowed(
    byRequest("web", ...kitchenSink("deny")),
  ),
  "default-allow-two-path-deny-and-path-allow": whenAllowed(twoPaths("deny", "allow")),
  "default-deny-allow-deny": whenDenied(allow("web"), deny("*")),
  "default-deny-deny-all-and-path-allow": whenDenied(byRequest("web", path("allow", "/")), deny("*")),
  "default-deny-deny-all-and-path-deny": whenDenied(byRequest("web", path("deny", "/")), deny("*")),
  "default-deny-kitchen-sink": whenDenied(...mixed("allow", "deny")),
  "default-deny-mixed-precedence": {
    ...whenDenied(allow("web"), deny("cron")),
    everywhere: [deny("web"), allow("cron"), allow("batch"), allow("*")],
  },
  "default-deny-one-allow": whenDenied(allow("web")),
  "default-deny-path-allow": whenDenied(byRequest("web", path("allow", "/my/private"))),
  "default-deny-path-deny": whenDenied(byRequest("web", path("deny", "/my/private"))),
  "default-deny-peered-kitchen-sink": whenDenied(
    allow("web"),
    allow("web", { Peer: "cloud" }),
    deny("cron", { Peer: "farm" }),
    allow("*", { Peer: "farm" }),
    allow("web", { Peer: "not-known" }),
  ),
  "default-deny-service-wildcard-allow": whenDenied(allow("*")),
  "default-deny-single-intention-with-kitchen-sink-perms": whenDenied(
    byRequest("web", ...kitchenSink("allow")),
  ),
  "default-deny-two-path-deny-and-path-allow": whenDenied(twoPaths("deny", "allow")),
  "empty-top-level-jwt-with-one-permission": whenDenied(
    byRequest("web", path("allow", "/some", { JWT: okta() })),
  ),
  "top-level-jwt-no-permissions": { ...whenDenied(allow("web")), jwt: okta() },
  "top-level-jwt-with-one-permission": {
    ...whenDenied(byRequest("web", path("allow", "/some", { JWT: auth0 }))),
    jwt: okta(),
  },
  "top-level-jwt-with-multiple-permissions": {
    ...whenDenied(byRequest("web", path("allow", "/some", { JWT: auth0 }), path("allow", "/other"))),
    jwt: okta([{ Path: ["roles"], Value: "testing" }]),
  },
  "default-allow-top-level-jwt": {
    ...whenAllowed(allow("web"), byRequest("cron", path("deny", "/"))),
    jwt: okta(),
  },
};

describe("access rules", () => {
  for (const [name, { policy, sources, jwt = null, everywhere }] of Object.entries(cases)) {
    it(name, () => {
      const entries = [
        intentionEntry({ Name: "api", JWT: jwt, Sources: sources }),
        ...(everywhere === undefined ? [] : [intentionEntry({ Name: "*", Sources: everywhere })]),
      ];
      const resources = (["tcp", "http"] as const).map((protocol) =>
        accessResource(
          "api",
          protocol,
          accessRules(intentionsOf(entries), policy, protocol !== "tcp"),
          identities,
        ),
      );
      matchResources(import.meta.dirname, `access/${name}`, resources);
    });
  }

  it("let nobody in without intentions where the default is to deny, and everybody where it is to allow", () => {
    const without = (policy: DefaultPolicy) =>
      accessResource("api", "http", accessRules([], policy, true), identities);
    matchResources(import.meta.dirname, "access/no-intentions", [without("deny"), without("allow")]);
  });
});
