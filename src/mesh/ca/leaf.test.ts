import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { isTrusted } from "../../../test/support/openssl.ts";
import { type KeyAlgorithm, newKeyPair, newLeafKeyPair } from "./keys.ts";
import { newLeaf } from "./leaf.ts";
import { type Authority, newRoot } from "./root.ts";
import { newTrustDomain } from "./spiffe.ts";

const trustDomain = newTrustDomain("11111111-2222-3333-4444-555555555555");
const identity = { trustDomain, datacenter: "dc1", service: "web" };
const HOUR = 3_600_000;
const now = Date.now();

async function authority(
  algorithm: KeyAlgorithm = { type: "ec", bits: 256 },
  lifetime = 1000 * HOUR,
): Promise<Authority> {
  const key = await newKeyPair(algorithm);
  return { root: newRoot(trustDomain, key, lifetime, now), privateKey: key.privateKey };
}

describe("leaves", () => {
  for (const [type, bits] of [
    ["ec", 256],
    ["ec", 384],
    ["ec", 521],
    ["rsa", 2048],
    ["rsa", 4096],
  ] as const) {
    it(`are accepted by a strict verifier under a root with a key of ${type} ${bits}`, async () => {
      const signing = await authority({ type, bits });
      const leaf = newLeaf(signing, identity, await newLeafKeyPair(), 72 * HOUR, now);
      assert.ok(isTrusted(signing.root.RootCert, leaf.certificate));
      assert.ok(!isTrusted((await authority()).root.RootCert, leaf.certificate));
      assert.deepEqual([signing.root.PrivateKeyType, signing.root.PrivateKeyBits], [type, bits]);
    });
  }

  it("name the service in a SPIFFE id, alone, and with an empty subject", async () => {
    const signing = await authority();
    const { certificate } = newLeaf(signing, identity, await newLeafKeyPair(), HOUR, now);
    const leaf = new X509Certificate(certificate);
    assert.equal(leaf.subjectAltName, `URI:spiffe://${trustDomain}/ns/default/dc/dc1/svc/web`);
    assert.equal(leaf.subject, undefined);
    assert.ok(leaf.checkIssued(new X509Certificate(signing.root.RootCert)));
    assert.equal(leaf.ca, false);
  });

  it("never outlive who signs them, nor have the same serial number twice", async () => {
    const signing = await authority({ type: "ec", bits: 256 }, 10 * HOUR);
    const key = await newLeafKeyPair();
    const leaves = [1, 2].map(() => newLeaf(signing, identity, key, 1000 * HOUR, now));
    assert.deepEqual(new Set(leaves.map(({ notAfter }) => notAfter)), new Set([signing.root.NotAfter]));
    assert.equal(new Set(leaves.map(({ serialNumber }) => serialNumber)).size, 2);
  });
});
