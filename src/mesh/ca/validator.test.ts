import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { externalAuthority } from "../../../test/support/external-authority.ts";
import { keyPairOf, newKeyPair, newLeafKeyPair, privateKeyText } from "./keys.ts";
import { newLeaf } from "./leaf.ts";
import { newRoot } from "./root.ts";
import { newTrustDomain } from "./spiffe.ts";
import { AuthorityError, readExternalRoot, readPrivateKey } from "./validator.ts";

const trustDomain = newTrustDomain("11111111-2222-3333-4444-555555555555");
const now = Date.now();
const HOUR = 3_600_000;
const ec = { type: "ec", bits: 256 } as const;

describe("an authority from elsewhere", () => {
  const refused = (message: RegExp, read: () => unknown) =>
    assert.throws(read, (error: unknown) => error instanceof AuthorityError && message.test(error.message));

  it("is taken with its chain", async () => {
    const { PrivateKey, RootCert } = await externalAuthority(trustDomain, { root: ec, signing: ec });
    const root = readExternalRoot(RootCert, readPrivateKey(PrivateKey), trustDomain, now);
    assert.deepEqual([root.External, root.IntermediateCerts.length], [true, 1]);
    assert.ok(RootCert.endsWith(root.RootCert));
  });

  it("is refused where its leaves would not be trusted", async () => {
    const given = await externalAuthority(trustDomain, { root: ec, signing: ec });
    const other = await externalAuthority(trustDomain, { root: ec, signing: ec });
    const key = keyPairOf(given.PrivateKey);
    const read =
      (chain: string, at = now) =>
      () =>
        readExternalRoot(chain, key, trustDomain, at);
    const [signing = "", root = ""] = given.RootCert.split(/(?<=-----END CERTIFICATE-----\n)/);
    refused(/PEM certificates/, read("nothing"));
    refused(/cannot be read/, read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    refused(/not the key of the first certificate/, read(root + signing));
    refused(/not issued by the one after it/, read(signing + other.RootCert));
    refused(/was valid until/, read(given.RootCert, now + 30_000 * HOUR));
    refused(/valid only from/, read(given.RootCert, now - 2 * HOUR));
    refused(/at most 10/, read(signing + root.repeat(10)));
  });

  it("is refused for another mesh", async () => {
    const foreign = await externalAuthority(newTrustDomain("99999999-2222-3333-4444-555555555555"), {
      root: ec,
      signing: ec,
    });
    refused(/this mesh is spiffe:\/\/11111111/, () =>
      readExternalRoot(foreign.RootCert, keyPairOf(foreign.PrivateKey), trustDomain, now),
    );
  });

  it("is refused where it may not sign", async () => {
    const key = await newKeyPair(ec);
    const signing = { root: newRoot(trustDomain, key, HOUR, now), privateKey: key.privateKey };
    const leafKey = await newLeafKeyPair();
    const { certificate } = newLeaf(
      signing,
      { trustDomain, datacenter: "dc1", service: "web" },
      leafKey,
      HOUR,
      now,
    );
    refused(/may not sign others/, () => readExternalRoot(certificate, leafKey, trustDomain, now));
  });

  it("has a key that Envoy verifies", () => {
    const weak = [
      generateKeyPairSync("rsa", { modulusLength: 1024 }),
      generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
      generateKeyPairSync("ed25519"),
    ];
    for (const { privateKey } of weak)
      refused(/ECDSA key with 256, 384, 521/, () => readPrivateKey(privateKeyText(privateKey)));
    refused(/not encrypted/, () => readPrivateKey("-----BEGIN PRIVATE KEY-----"));
  });
});
