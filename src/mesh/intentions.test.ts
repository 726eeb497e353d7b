import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { intentionEntry } from "../../test/access/intention-entry.ts";
import { decide } from "./intention-decision.ts";
import { intentionsOf, local } from "./intentions.ts";

const entry = (Name: string, ...sources: [string, "allow" | "deny"][]) =>
  intentionEntry({ Name, Sources: sources.map(([source, Action]) => ({ Name: source, Action })) });

const web = local("web");
const batch = local("batch");

describe("intentions", () => {
  const rules = intentionsOf([
    entry("*", ["*", "allow"], ["web", "deny"]),
    entry("api", ["*", "allow"], ["web", "deny"]),
  ]);

  it("stand in order of precedence, the destination counting more than the source", () => {
    assert.deepEqual(
      rules.map(({ source, destination, precedence }) => [source.name, destination, precedence]),
      [
        ["web", "api", 9],
        ["*", "api", 8],
        ["web", "*", 6],
        ["*", "*", 5],
      ],
    );
  });

  it("are decided by the most exact one", () => {
    const decision = decide(rules, web, "api", null, "allow");
    assert.equal(decision.allowed, false);
    assert.deepEqual([decision.intention?.precedence, decision.overruled.length], [9, 3]);
    assert.equal(decide(rules, batch, "api", null, "deny").intention?.precedence, 8);
    assert.equal(decide(rules, web, "db", null, "allow").allowed, false);
  });

  it("leave the rest to the default policy", () => {
    const few = intentionsOf([entry("api", ["web", "deny"])]);
    const decision = decide(few, batch, "api", null, "allow");
    assert.deepEqual([decision.allowed, decision.intention, decision.overruled], [true, null, []]);
    assert.equal(decide(few, batch, "api", null, "deny").allowed, false);
  });

  it("end at the border of a cluster: the services of a peer are others", () => {
    const own = intentionsOf([entry("api", ["*", "deny"])]);
    assert.equal(decide(own, { name: "web", peer: "cloud" }, "api", null, "allow").intention, null);
    const peers = intentionEntry({ Name: "api", Sources: [{ Name: "web", Peer: "cloud", Action: "deny" }] });
    assert.equal(decide(intentionsOf([peers]), web, "api", null, "allow").intention, null);
  });
});

describe("permissions", () => {
  const request = (
    path: string,
    headers: Record<string, string> = {},
    tokens: Record<string, object> = {},
  ) => ({
    method: "GET",
    path,
    headers: new Map(Object.entries(headers)),
    tokens: new Map(Object.entries(tokens)),
  });
  const decided = (permissions: object[], ...asked: Parameters<typeof request>) => {
    const sources = [{ Name: "web", Permissions: permissions }];
    const intentions = intentionsOf([intentionEntry({ Name: "api", Sources: sources })]);
    return decide(intentions, web, "api", request(...asked), "deny");
  };
  const secretsFirst = [
    { Action: "deny", HTTP: { PathExact: "/v1/secret" } },
    { Action: "allow", HTTP: { PathPrefix: "/v1" } },
  ];

  it("decide in their order, the first that matches alone", () => {
    assert.deepEqual(
      [decided(secretsFirst, "/v1/secret").allowed, decided(secretsFirst, "/v1/secret").permission],
      [false, 0],
    );
    assert.equal(decided(secretsFirst, "/v1/other").allowed, true);
    assert.equal(decided(secretsFirst.toReversed(), "/v1/secret").allowed, true);
  });

  it("leave what none matches to the default policy", () => {
    assert.deepEqual(
      [decided(secretsFirst, "/v2").allowed, decided(secretsFirst, "/v2").permission],
      [false, null],
    );
  });

  it("match a header that is not there by nothing but an inverted Present", () => {
    const when = (header: object) =>
      decided([{ Action: "allow", HTTP: { Header: [{ Name: "X-Role", ...header }] } }], "/").allowed;
    assert.equal(when({ Present: true, Invert: true }), true);
    assert.equal(when({ Exact: "admin", Invert: true }), false);
    assert.equal(when({ Regex: ".*" }), false);
  });

  it("ask for a token where they would allow, and do not pass the request on to the next", () => {
    const JWT = {
      Providers: [{ Name: "okta", VerifyClaims: [{ Path: ["perms", "role"], Value: "admin" }] }],
    };
    const permissions = [
      { Action: "allow", HTTP: { PathPrefix: "/admin" }, JWT },
      { Action: "allow", HTTP: { PathPrefix: "/" } },
    ];
    assert.deepEqual(
      [decided(permissions, "/admin").allowed, decided(permissions, "/admin").lacksToken],
      [false, true],
    );
    assert.equal(decided(permissions, "/admin", {}, { okta: { perms: { role: "admin" } } }).allowed, true);
    assert.equal(decided(permissions, "/admin", {}, { okta: { perms: { role: "user" } } }).allowed, false);
    assert.equal(decided(permissions, "/admin", {}, { auth0: { perms: { role: "admin" } } }).allowed, false);
    assert.equal(decided(permissions, "/other").allowed, true);
  });

  it("deny a connection whose requests nobody sees", () => {
    const intentions = intentionsOf([
      intentionEntry({
        Name: "api",
        Sources: [{ Name: "web", Permissions: [{ Action: "allow", HTTP: { PathPrefix: "/" } }] }],
      }),
    ]);
    assert.equal(decide(intentions, web, "api", null, "allow").allowed, false);
  });
});
