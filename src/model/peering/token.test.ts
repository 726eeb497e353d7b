import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAddress, readToken, writeToken } from "./token.ts";

const token = {
  CA: ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"],
  ServerAddresses: ["192.0.2.1:8503", "[2001:db8::1]:8503"],
  ServerName: "server.dc1.consul",
  PeerID: "11111111-2222-3333-4444-555555555555",
  EstablishmentSecret: "secret",
};

describe("a peering token", () => {
  it("is read as it was written, with the fields that Consul's has", () => {
    assert.deepEqual(readToken(writeToken(token)), token);
    assert.deepEqual(JSON.parse(Buffer.from(writeToken(token), "base64").toString()), token);
  });

  it("is refused with the field that is wrong", () => {
    for (const [field, value] of [
      ["CA", []],
      ["CA", ["no certificate"]],
      ["ServerAddresses", ["no port"]],
      ["ServerAddresses", "192.0.2.1:8503"],
      ["ServerName", ""],
      ["PeerID", 7],
      ["EstablishmentSecret", null],
    ] as const) {
      const wrong = Buffer.from(JSON.stringify({ ...token, [field]: value })).toString("base64");
      assert.match(String(readToken(wrong)), new RegExp(`its field ${field}`));
    }
    for (const text of ["", "x", "bm8=", Buffer.from("[]").toString("base64")])
      assert.equal(typeof readToken(text), "string");
    assert.match(String(readToken("x".repeat(100_000))), /too long/);
  });

  it("leads to addresses of the form host:port", () => {
    for (const address of ["192.0.2.1:1", "host.example.com:65535", "[::1]:8503"])
      assert.ok(isAddress(address));
    for (const address of ["192.0.2.1", "host:0", "host:65536", "host:x", ":1", "a b:1", "http://x:1"])
      assert.ok(!isAddress(address), address);
  });
});
