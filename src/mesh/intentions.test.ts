import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AccessRules, accessRules, decide, intentionsOf } from "./intentions.ts";

const entry = (Name: string, ...sources: [string, "allow" | "deny"][]) => ({
  Name,
  Sources: sources.map(([source, Action]) => ({ Name: source, Action, Description: "" })),
});

describe("intentions", () => {
  it("lets the most exact rule decide, the destination counting more than the source", () => {
    const rules = intentionsOf([
      entry("*", ["*", "allow"], ["web", "deny"]),
      entry("api", ["*", "allow"], ["web", "deny"]),
    ]);
    assert.deepEqual(
      rules.map((rule) => [rule.source, rule.destination, rule.precedence]),
      [
        ["web", "api", 9],
        ["*", "api", 8],
        ["web", "*", 6],
        ["*", "*", 5],
      ],
    );
    const decision = decide(rules, "web", "api", "allow");
    assert.equal(decision.allowed, false);
    assert.deepEqual([decision.intention?.precedence, decision.overruled.length], [9, 3]);
    assert.equal(decide(rules, "batch", "api", "deny").intention?.precedence, 8);
    assert.equal(decide(rules, "web", "db", "allow").allowed, false);
  });

  it("falls to the default policy where no rule matches", () => {
    const rules = intentionsOf([entry("api", ["web", "deny"])]);
    assert.deepEqual(decide(rules, "batch", "api", "allow"), {
      allowed: true,
      intention: null,
      overruled: [],
    });
    assert.equal(decide(rules, "batch", "api", "deny").allowed, false);
  });

  it("compiles to rules without order that decide alike", () => {
    const name = fc.constantFrom("a", "b", "c", "*");
    const action = fc.constantFrom("allow" as const, "deny" as const);
    const sources = fc.uniqueArray(fc.tuple(name, action), { selector: ([source]) => source });
    const scene = fc.record({
      exact: sources,
      any: sources,
      policy: action,
      source: fc.constantFrom("a", "b", "c", "d"),
    });
    fc.assert(
      fc.property(scene, ({ exact, any, policy, source }) => {
        const rules = intentionsOf([entry("api", ...exact), entry("*", ...any)]);
        const expected = decide(rules, source, "api", policy).allowed;
        assert.equal(admits(accessRules(rules, policy), source), expected);
      }),
      { numRuns: 2000 },
    );
  });
});

/** What a proxy does with the rules: it acts on a source that any of them names. */
function admits({ action, sources }: AccessRules, source: string): boolean {
  const named = sources.some(
    (set) => (set.source === "*" || set.source === source) && !set.except.includes(source),
  );
  return action === "allow" ? named : !named;
}
