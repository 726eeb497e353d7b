import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type DeltaRequest, type DeltaResponse, DeltaSession } from "./delta-session.ts";
import type { Resource, ResourceKind } from "./resource.ts";
import { byKind, KINDS } from "./snapshot.ts";

const resource = (kind: ResourceKind, name: string, version: string): Resource => ({
  kind,
  name,
  version,
  any: new Uint8Array(),
  wrapped: new Uint8Array(),
});

/** Some services, each with a cluster, its endpoints, a listener that sends there and the listener's route. */
const snapshotFor = (versions: Readonly<Record<string, number>>) =>
  Object.entries(versions).flatMap(([service, version]) =>
    (["cluster", "endpoints", "listener", "route"] as const).map((kind) =>
      resource(kind, service, `${kind === "endpoints" ? version * 7 : version}`),
    ),
  );

const request = (kind: ResourceKind, rest: Partial<DeltaRequest> = {}): DeltaRequest => ({
  kind,
  subscribe: [],
  unsubscribe: [],
  initialVersions: {},
  nonce: "",
  error: null,
  ...rest,
});

/**
 * A proxy that behaves as Envoy does: it asks for endpoints and routes once it has what names them, takes only what it
 * has asked for, and acknowledges clusters when all of them have their endpoints.
 */
class SimulatedProxy {
  readonly #asked = new Map<ResourceKind, Set<string>>([
    ["endpoints", new Set()],
    ["route", new Set()],
  ]);
  #withheld: DeltaRequest | null = null;
  readonly held = new Map<ResourceKind, Map<string, string>>(KINDS.map((kind) => [kind, new Map()]));
  readonly inbox: DeltaResponse[] = [];
  readonly outbox: DeltaRequest[] = [request("cluster"), request("listener")];

  apply(response: DeltaResponse): void {
    const { kind, nonce } = response;
    const asked = this.#asked.get(kind);
    const held = this.held.get(kind) ?? new Map<string, string>();
    const fresh = response.resources.map(({ name }) => name).filter((name) => !held.has(name));
    for (const { name, version } of response.resources) {
      if (asked?.has(name) === false) continue;
      if (kind === "listener")
        assert.ok(this.canReach(name), `listener ${name} came before its cluster and endpoints`);
      if (kind === "cluster") this.held.get("endpoints")?.delete(name);
      held.set(name, version);
    }
    for (const name of response.removed) {
      if (kind === "cluster")
        assert.ok(!this.held.get("listener")?.has(name), `cluster ${name} went before its listener`);
      held.delete(name);
    }
    if (kind === "cluster") this.#withheld = request(kind, { nonce });
    else this.outbox.push(request(kind, { nonce }));
    this.#ask(response, fresh);
    if (
      this.#withheld === null ||
      !this.held
        .get("cluster")
        ?.keys()
        .every((name) => this.canReach(name))
    )
      return;
    this.outbox.push(this.#withheld);
    this.#withheld = null;
  }

  #ask({ kind, removed }: DeltaResponse, fresh: readonly string[]): void {
    const dependent = kind === "cluster" ? "endpoints" : kind === "listener" ? "route" : null;
    if (dependent === null) return;
    if (fresh.length > 0) this.outbox.push(request(dependent, { subscribe: fresh }));
    if (removed.length > 0) this.outbox.push(request(dependent, { unsubscribe: removed }));
    for (const name of fresh) this.#asked.get(dependent)?.add(name);
    for (const name of removed) {
      this.#asked.get(dependent)?.delete(name);
      this.held.get(dependent)?.delete(name);
    }
  }

  canReach(service: string): boolean {
    return (
      this.held.get("cluster")?.has(service) === true && this.held.get("endpoints")?.has(service) === true
    );
  }
}

function deliver(session: DeltaSession, proxy: SimulatedProxy): void {
  for (let response = session.next(); response !== null; response = session.next()) {
    const { kind } = response;
    assert.ok(
      !proxy.inbox.some((waiting) => waiting.kind === kind),
      `two responses of kind ${kind} are under way`,
    );
    proxy.inbox.push(response);
  }
}

describe("delta session", () => {
  it("brings a proxy to the newest snapshot, making before breaking, however slowly it answers", () => {
    const versions = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 3 }));
    const step = fc.oneof(
      versions.map((services) => ({ kind: "offer" as const, services })),
      fc.constant({ kind: "proxy reads" as const }),
      fc.constant({ kind: "server reads" as const }),
    );
    fc.assert(
      fc.property(versions, fc.array(step, { maxLength: 40 }), (first, steps) => {
        const session = new DeltaSession();
        const proxy = new SimulatedProxy();
        let last = first;
        session.offer(snapshotFor(first));
        const proxyReads = () => {
          const response = proxy.inbox.shift();
          if (response) proxy.apply(response);
        };
        const serverReads = () => {
          const message = proxy.outbox.shift();
          if (message) session.receive(message);
          deliver(session, proxy);
        };
        for (const move of steps) {
          if (move.kind === "proxy reads") proxyReads();
          else if (move.kind === "server reads") serverReads();
          else {
            last = move.services;
            session.offer(snapshotFor(last));
            deliver(session, proxy);
          }
        }
        while (proxy.inbox.length + proxy.outbox.length > 0) {
          proxyReads();
          serverReads();
        }
        for (const [kind, resources] of Object.entries(byKind(snapshotFor(last))) as [
          ResourceKind,
          Map<string, Resource>,
        ][]) {
          const expected = [...resources.values()].map(({ name, version }) => [name, version]);
          assert.deepEqual([...(proxy.held.get(kind) ?? [])].sort(), expected.sort(), kind);
        }
        assert.ok(session.isSynced);
      }),
      { numRuns: 2000 },
    );
  });

  it("sends nothing twice, and only what changed", () => {
    const session = new DeltaSession();
    session.offer(snapshotFor({ a: 1, b: 1 }));
    session.receive(request("cluster"));
    const first = session.next();
    assert.deepEqual(first?.resources.map(({ name }) => name).sort(), ["a", "b"]);
    assert.equal(session.next(), null);
    session.offer(snapshotFor({ a: 1, b: 2 }));
    assert.equal(session.next(), null, "one response of a kind at a time");
    session.receive(request("cluster", { nonce: first?.nonce ?? "" }));
    assert.deepEqual(
      session.next()?.resources.map(({ name }) => name),
      ["b"],
    );
  });

  it("names what a proxy rejected, does not send it again, and goes on", () => {
    const session = new DeltaSession();
    session.offer(snapshotFor({ a: 1 }));
    session.receive(request("cluster"));
    const response = session.next();
    const rejection = session.receive(
      request("cluster", { nonce: response?.nonce ?? "", error: "bad cluster" }),
    );
    assert.deepEqual(rejection, {
      kind: "cluster",
      rejection: { kind: "cluster", names: ["a"], message: "bad cluster" },
    });
    assert.equal(session.next(), null);
    session.offer(snapshotFor({ a: 2 }));
    assert.deepEqual(
      session.next()?.resources.map(({ version }) => version),
      ["2"],
    );
  });

  it("answers a proxy that comes back with what has changed since, removals too", () => {
    const session = new DeltaSession();
    session.offer(snapshotFor({ a: 2, b: 1 }));
    session.receive(request("cluster", { initialVersions: { a: "1", b: "1", gone: "1" } }));
    const upserts = session.next();
    assert.deepEqual(
      upserts?.resources.map(({ name }) => name),
      ["a"],
    );
    session.receive(request("cluster", { nonce: upserts?.nonce ?? "" }));
    assert.deepEqual(session.next()?.removed, ["gone"]);
  });

  it("answers the first question for clusters and listeners even when there are none", () => {
    const session = new DeltaSession();
    session.offer([]);
    session.receive(request("cluster"));
    assert.deepEqual(session.next()?.resources, []);
    assert.equal(session.next(), null);
  });
});
