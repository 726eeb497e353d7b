import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { externalAuthority } from "../../../test/support/external-authority.ts";
import { isTrusted } from "../../../test/support/openssl.ts";
import { type KeyAlgorithm, keyPairOf, newKeyPair, newLeafKeyPair } from "./keys.ts";
import { newLeaf } from "./leaf.ts";
import { type Authority, newRoot, type Root, trustBundle } from "./root.ts";
import { nextRetirement, retire, rotate } from "./rotator.ts";
import { newTrustDomain } from "./spiffe.ts";
import { readExternalRoot } from "./validator.ts";

const trustDomain = newTrustDomain("11111111-2222-3333-4444-555555555555");
const HOUR = 3_600_000;
const now = Date.now();
const ec: KeyAlgorithm = { type: "ec", bits: 256 };
const rsa: KeyAlgorithm = { type: "rsa", bits: 2048 };

async function builtIn(algorithm: KeyAlgorithm): Promise<Authority> {
  const key = await newKeyPair(algorithm);
  return { root: newRoot(trustDomain, key, 1000 * HOUR, now), privateKey: key.privateKey };
}

async function external(): Promise<Authority> {
  const { PrivateKey, RootCert } = await externalAuthority(trustDomain, { root: rsa, signing: ec });
  const key = keyPairOf(PrivateKey);
  return { root: readExternalRoot(RootCert, key, trustDomain, now), privateKey: key.privateKey };
}

/** Both authorities after the second has followed the first. */
function followed(previous: Authority, next: Authority, at = now): [previous: Root, next: Authority] {
  const rotation = rotate(previous.root, next.root, { by: previous, trustDomain }, 72 * HOUR, at);
  return [rotation.previous, { ...next, root: rotation.next }];
}

async function leafOf(authority: Authority): Promise<string> {
  const identity = { trustDomain, datacenter: "dc1", service: "web" };
  return newLeaf(authority, identity, await newLeafKeyPair(), 72 * HOUR, now).certificate;
}

describe("rotation of roots", () => {
  const kinds = { "EC to RSA": [ec, rsa], "RSA to EC": [rsa, ec], "EC to another EC": [ec, ec] } as const;
  for (const [name, [from, to]] of Object.entries(kinds)) {
    it(`from ${name}: leaves of both are trusted by who knows the old root, and by who knows both`, async () => {
      const old = await builtIn(from);
      const [previous, next] = followed(old, await builtIn(to));
      const [oldLeaf, newLeafText] = [await leafOf(old), await leafOf(next)];
      const both = trustBundle([previous, next.root]);
      assert.ok(isTrusted(previous.RootCert, newLeafText), "by the cross-signed certificate");
      for (const leaf of [oldLeaf, newLeafText]) assert.ok(isTrusted(both, leaf));
      assert.ok(isTrusted(next.root.RootCert, newLeafText), "after the old root is gone");
      assert.ok(!isTrusted(next.root.RootCert, oldLeaf));
    });
  }

  it("to an authority made elsewhere, and from it", async () => {
    const old = await builtIn(ec);
    const [, elsewhere] = followed(old, await external());
    assert.ok(isTrusted(old.root.RootCert, await leafOf(elsewhere)));
    assert.ok(isTrusted(elsewhere.root.RootCert, await leafOf(elsewhere)));
    const [, after] = followed(elsewhere, await builtIn(ec));
    assert.ok(isTrusted(elsewhere.root.RootCert, await leafOf(after)), "by way of the other's intermediate");
    assert.ok(isTrusted(old.root.RootCert, await leafOf(after)), "by way of both");
  });

  it("twice before anybody has heard of the first", async () => {
    const first = await builtIn(ec);
    const [, second] = followed(first, await builtIn(rsa));
    const [, third] = followed(second, await builtIn(ec));
    assert.ok(isTrusted(first.root.RootCert, await leafOf(third)));
  });

  it("without cross-signing, where that is wanted: only who knows the new root trusts it", async () => {
    const [old, fresh] = [await builtIn(ec), await builtIn(ec)];
    const { next } = rotate(old.root, fresh.root, null, 72 * HOUR, now);
    const leaf = await leafOf({ ...fresh, root: next });
    assert.deepEqual([isTrusted(old.root.RootCert, leaf), isTrusted(next.RootCert, leaf)], [false, true]);
  });

  it("ends when the old root's last leaf is over; nothing of it is shown any more", async () => {
    const old = await builtIn(ec);
    const [previous, next] = followed(old, await external());
    const roots = [previous, next.root];
    assert.equal(nextRetirement(roots), now + 72 * HOUR);
    assert.deepEqual(retire(roots, now + 71 * HOUR), { removed: [], changed: [] });
    const { removed, changed } = retire(roots, now + 72 * HOUR);
    assert.deepEqual(removed, [previous]);
    const issuers = changed
      .flatMap(({ IntermediateCerts }) => IntermediateCerts)
      .map((pem) => new X509Certificate(pem));
    assert.ok(issuers.length === 1 && issuers[0]?.checkIssued(new X509Certificate(next.root.RootCert)));
    assert.equal(nextRetirement(changed), null);
  });
});
