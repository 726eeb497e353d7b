import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readTold, type Told, ToldError } from "./exchange.ts";

const DOMAIN = "11111111-2222-3333-4444-555555555555.consul";
const read = (message: unknown) => readTold(Buffer.from(JSON.stringify(message)), DOMAIN);

const service = {
  name: "api",
  protocol: "http",
  serverName: `api.default.default.home.external.${DOMAIN}`,
  uris: [`spiffe://${DOMAIN}/ns/default/dc/dc1/svc/api`],
  instances: [{ node: "n", id: "api-1", address: "10.0.0.1", port: 20000, status: "passing" }],
};
const told: readonly Told[] = [
  { kind: "bundle", trustDomain: DOMAIN, datacenter: "dc1", roots: ["PEM"] },
  { kind: "gateways", gateways: [{ id: "g", address: "192.0.2.1", port: 8443, status: "critical" }] },
  { kind: "service", service: service as Extract<Told, { kind: "service" }>["service"] },
  { kind: "withdrawn", name: "api" },
  { kind: "complete" },
  { kind: "heartbeat" },
  { kind: "terminated" },
];

describe("what a peer tells", () => {
  it("is read as it was told", () => {
    for (const message of told) assert.deepEqual(read(message), message);
  });

  it("may be more than is known here", () => {
    assert.deepEqual(read({ kind: "heartbeat", since: 1 }), { kind: "heartbeat" });
    const more = { ...service, weight: 3 };
    assert.deepEqual(read({ kind: "service", service: more }), { kind: "service", service });
  });

  const refused: Readonly<Record<string, unknown>> = {
    "a trust domain that is another's": { ...told[0], trustDomain: "other.consul" },
    "no roots": { ...told[0], roots: [] },
    "more roots than anybody needs": { ...told[0], roots: Array(100).fill("PEM") },
    "a gateway at a name": { kind: "gateways", gateways: [{ id: "g", address: "example.com", port: 1 }] },
    "a gateway without a port": { kind: "gateways", gateways: [{ id: "g", address: "192.0.2.1", port: 0 }] },
    "gateways without number": {
      kind: "gateways",
      gateways: Array(100).fill({ id: "g", address: "192.0.2.1", port: 1 }),
    },
    "an identity of another mesh": {
      kind: "service",
      service: { ...service, uris: ["spiffe://other.consul/ns/default/dc/dc1/svc/api"] },
    },
    "an identity that begins like its own": {
      kind: "service",
      service: { ...service, uris: [`spiffe://${DOMAIN}.evil/ns/default/dc/dc1/svc/api`] },
    },
    "no identity": { kind: "service", service: { ...service, uris: [] } },
    "a server name of another mesh": {
      kind: "service",
      service: { ...service, serverName: "api.default.default.home.external.other.consul" },
    },
    "a server name of its inside": {
      kind: "service",
      service: { ...service, serverName: `api.default.dc1.internal.${DOMAIN}` },
    },
    "a name that is a path": { kind: "service", service: { ...service, name: "../api" } },
    "a name that is no text": { kind: "withdrawn", name: { length: 3 } },
    "a protocol that nobody speaks": { kind: "service", service: { ...service, protocol: "smtp" } },
    "a text in the place of a list": { kind: "service", service: { ...service, uris: "spiffe://" } },
    "a protocol that is left to interpolation": {
      kind: "service",
      service: { ...service, protocol: `$${"{protocol}"}` },
    },
    "a text without end": { kind: "service", service: { ...service, serverName: "a".repeat(5000) } },
    "a kind that is not known": { kind: "__proto__" },
    "a list": [],
    nothing: null,
  };
  for (const [title, message] of Object.entries(refused)) {
    it(`is refused: ${title}`, () => assert.throws(() => read(message), ToldError));
  }

  it("is refused in words, whatever bytes it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          assert.throws(() => readTold(bytes, DOMAIN), ToldError);
        },
      ),
    );
  });

  it("is refused in words, whatever stands in the place of one of its parts", () => {
    const parts = Object.keys(service) as readonly (keyof typeof service)[];
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.jsonValue(), (part, value) => {
        try {
          read({ kind: "service", service: { ...service, [part]: value } });
        } catch (error) {
          assert.ok(error instanceof ToldError, String(error));
        }
      }),
    );
  });
});
