import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ConfigEntry, readConfigEntry } from "#model/config-entry/config-entry.ts";
import type { TrustDomain } from "../ca/spiffe.ts";
import { compileChain } from "./compile.ts";
import type { ChainNode, CompiledChain } from "./compiled-chain.ts";
import { noOverrides } from "./question.ts";

const services = ["a", "b", "c", "d", "e"];
const service = fc.constantFrom(...services);
const subset = fc.constantFrom("", "", "v1", "v2");
const destination = fc.record({ Service: fc.option(service), ServiceSubset: subset });

/** Weights that add up to 100 in steps of 0.01. */
const weights = fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { maxLength: 4 }).map((cuts) => {
  const ends = [...cuts.toSorted((a, b) => a - b), 10_000];
  return ends.map((end, i) => (end - (ends[i - 1] ?? 0)) / 100);
});
const splits = weights.chain((parts) =>
  fc.tuple(...parts.map((Weight) => destination.map((to) => ({ ...to, Weight })))),
);
const routes = fc.array(
  destination.map((Destination) => ({ Destination })),
  { maxLength: 3 },
);
const failover = fc.dictionary(fc.constantFrom("*", "v1"), fc.record({ Service: service }), {
  noNullPrototype: true,
});
const resolver = fc.record({
  Subsets: fc.constantFrom({}, { v1: {}, v2: { OnlyPassing: true } }),
  Redirect: fc.option(
    fc.record({ Service: service, ServiceSubset: subset, Datacenter: fc.constantFrom("", "dc2") }),
  ),
  Failover: failover,
});

const entries = fc
  .tuple(
    fc.dictionary(service, splits, { noNullPrototype: true }),
    fc.dictionary(service, routes, { noNullPrototype: true }),
    fc.dictionary(service, resolver, { noNullPrototype: true }),
  )
  .map(([splitters, routers, resolvers]) => [
    { Kind: "proxy-defaults", Name: "global", Config: { protocol: "http" } },
    ...Object.entries(splitters).map(([Name, Splits]) => ({ Kind: "service-splitter", Name, Splits })),
    ...Object.entries(routers).map(([Name, Routes]) => ({ Kind: "service-router", Name, Routes })),
    ...Object.entries(resolvers).map(([Name, fields]) => ({ Kind: "service-resolver", Name, ...fields })),
  ]);

function compiled(json: readonly unknown[]): readonly CompiledChain[] {
  const all = json.map((one) => readConfigEntry(one).entry).filter((entry) => entry !== null);
  const read = (kind: string, name: string) =>
    all.find((entry: ConfigEntry) => entry.Kind === kind && entry.Name === name) as never;
  const question = { datacenter: "dc1", trustDomain: "t.consul" as TrustDomain, overrides: noOverrides };
  return services
    .map((name) => compileChain({ ...question, service: name }, read))
    .filter((chain): chain is CompiledChain => !(chain instanceof Error));
}

const nextOf = (node: ChainNode) =>
  node.Type === "router"
    ? node.Routes.map(({ NextNode }) => NextNode)
    : node.Type === "splitter"
      ? node.Splits.map(({ NextNode }) => NextNode)
      : [];

const holdsForAll = (holds: (chain: CompiledChain) => void) => {
  let seen = 0;
  fc.assert(
    fc.property(entries, (json) => {
      for (const chain of compiled(json)) {
        seen += chain.Default ? 0 : 1;
        holds(chain);
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(seen > 100, `only ${seen} chains were looked at`);
};

describe("every discovery chain that compiles", () => {
  it("shares out all of 100 percent at each splitter, in steps of 0.01", () =>
    holdsForAll(({ Nodes }) => {
      for (const node of Object.values(Nodes)) {
        if (node.Type !== "splitter") continue;
        const steps = node.Splits.map(({ Weight }) => Math.round(Weight * 100));
        assert.deepEqual(
          steps.map((count) => count / 100),
          node.Splits.map(({ Weight }) => Weight),
        );
        assert.equal(
          steps.reduce((sum, count) => sum + count, 0),
          10_000,
        );
      }
    }));

  it("is a graph without circles in which every node is reached", () =>
    holdsForAll(({ StartNode, Nodes }) => {
      const reached = new Set<string>();
      const visit = (key: string, trail: readonly string[]): void => {
        assert.ok(!trail.includes(key), `${key} leads back to itself`);
        reached.add(key);
        const node = Nodes[key];
        assert.ok(node, `there is no node ${key}`);
        for (const next of nextOf(node)) visit(next, [...trail, key]);
      };
      visit(StartNode, []);
      assert.deepEqual([...reached].sort(), Object.keys(Nodes).sort());
    }));

  it("has just the targets that its resolvers name, and splits that lead to resolvers alone", () =>
    holdsForAll(({ Nodes, Targets }) => {
      const named = new Set<string>();
      for (const node of Object.values(Nodes)) {
        if (node.Type === "splitter")
          assert.ok(node.Splits.every(({ NextNode }) => Nodes[NextNode]?.Type === "resolver"));
        if (node.Type !== "resolver") continue;
        named.add(node.Resolver.Target);
        for (const id of node.Resolver.Failover?.Targets ?? []) named.add(id);
        assert.ok(!node.Resolver.Failover?.Targets.includes(node.Resolver.Target));
      }
      assert.deepEqual([...named].sort(), Object.keys(Targets).sort());
    }));

  it("ends every router with a route for everything that is left", () =>
    holdsForAll(({ Nodes }) => {
      for (const node of Object.values(Nodes)) {
        if (node.Type !== "router") continue;
        assert.equal(node.Routes.at(-1)?.Definition.Match?.HTTP?.PathPrefix, "/");
      }
    }));
});
