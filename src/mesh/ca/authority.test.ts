import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { newLeaf, newRoot } from "./authority.ts";
import { newTrustDomain } from "./spiffe.ts";

const trustDomain = newTrustDomain("11111111-2222-3333-4444-555555555555");
const identity = { trustDomain, datacenter: "dc1", service: "web" };
const HOUR = 3_600_000;

describe("certificate authority", () => {
  it("issues leaves that a strict verifier accepts under the root", async () => {
    const now = Date.now();
    const root = await newRoot(trustDomain, now);
    const leaf = await newLeaf(root, identity, 72 * HOUR, now);
    const folder = mkdtempSync(join(tmpdir(), "yurt-ca-"));
    writeFileSync(join(folder, "root.pem"), root.RootCert);
    writeFileSync(join(folder, "leaf.pem"), leaf.certificate);
    const arguments_ = [
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      "-CAfile",
      join(folder, "root.pem"),
    ];
    assert.match(
      execFileSync("openssl", [...arguments_, join(folder, "leaf.pem")], { encoding: "utf8" }),
      /: OK/,
    );
    rmSync(folder, { recursive: true });
  });

  it("names the service in a SPIFFE id, alone, and with an empty subject", async () => {
    const root = await newRoot(trustDomain, Date.now());
    const { certificate } = await newLeaf(root, identity, HOUR, Date.now());
    const leaf = new X509Certificate(certificate);
    assert.equal(leaf.subjectAltName, `URI:spiffe://${trustDomain}/ns/default/dc/dc1/svc/web`);
    assert.equal(leaf.subject, undefined);
    assert.ok(leaf.checkIssued(new X509Certificate(root.RootCert)));
    assert.equal(leaf.ca, false);
  });

  it("never issues a leaf that outlives its root, nor the same serial number or key twice", async () => {
    const now = Date.now();
    const root = await newRoot(trustDomain, now);
    const leaves = await Promise.all([1, 2].map(() => newLeaf(root, identity, 200_000 * HOUR, now)));
    assert.deepEqual(new Set(leaves.map((leaf) => leaf.notAfter)), new Set([root.NotAfter]));
    assert.equal(new Set(leaves.map((leaf) => leaf.serialNumber)).size, 2);
    assert.equal(new Set(leaves.map((leaf) => leaf.privateKey)).size, 2);
  });
});
