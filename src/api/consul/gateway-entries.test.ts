import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FastifyInstance } from "fastify";
import { type ApiOnly, startApi } from "../../../test/support/api-only.ts";

describe("entries of gateways that are refused", () => {
  let api: ApiOnly;
  let consul: FastifyInstance;
  before(async () => {
    api = await startApi();
    consul = api.consul;
    await consul.inject({
      ...{ method: "PUT", url: "/v1/config" },
      payload: { Kind: "service-defaults", Name: "api", Protocol: "http" },
    });
  });
  after(() => api[Symbol.asyncDispose]());

  /** Shows that one line speaks of one field, and that nothing is written. */
  async function isRefused(
    entry: { Kind: string; Name: string; [field: string]: unknown },
    expected: RegExp,
  ): Promise<void> {
    const answer = await consul.inject({ method: "PUT", url: "/v1/config", payload: entry });
    assert.equal(answer.statusCode, 400, answer.body);
    assert.match(answer.body, expected);
    assert.equal(answer.body.trim().split("\n").length, 1, answer.body);
    const { statusCode } = await consul.inject(`/v1/config/${entry.Kind}/${entry.Name}`);
    assert.equal(statusCode, 404);
  }

  const ingress = (...Listeners: readonly object[]) => ({ Kind: "ingress-gateway", Name: "edge", Listeners });
  const listener = (Port: number, Protocol: string, ...Services: readonly object[]) => ({
    ...{ Port, Protocol, Services },
  });

  it("two listeners at one port", () =>
    isRefused(
      ingress(listener(80, "http", { Name: "api" }), listener(80, "http", { Name: "api" })),
      /^ingress-gateway\/edge Listeners\[1\]\.Port: .*80 has a listener before it/,
    ));

  it("two listeners of an API gateway that contradict one another", () =>
    isRefused(
      {
        ...{ Kind: "api-gateway", Name: "edge" },
        Listeners: [
          { Name: "a", Port: 80, Protocol: "http" },
          { Name: "b", Port: 80, Protocol: "tcp" },
        ],
      },
      /^api-gateway\/edge Listeners\[1\]\.Port: .*"a" has the same port/,
    ));

  it("a host that is none", async () => {
    await isRefused(
      ingress(listener(80, "http", { Name: "api", Hosts: ["not a host"] })),
      /^ingress-gateway\/edge Listeners\[0\]\.Services\[0\]\.Hosts\[0\]: .*"not a host" is no name of a host/,
    );
    await isRefused(
      { Kind: "http-route", Name: "r", Parents: [{ Name: "edge" }], Hostnames: ["a..b"] },
      /^http-route\/r Hostnames\[0\]: .*"a\.\.b" is no name of a host/,
    );
    await isRefused(
      {
        Kind: "terminating-gateway",
        Name: "out",
        Services: [{ Name: "db", CAFile: "x", SNI: "a b" }],
      },
      /^terminating-gateway\/out Services\[0\]\.SNI: .*name of a host/,
    );
  });

  it("a service that speaks something else than the listener", () =>
    isRefused(
      ingress(listener(80, "http", { Name: "api" }), listener(81, "http", { Name: "web" })),
      /service "web" has protocol "tcp".*Listeners\[1\]\.Services\[0\]\.Name/,
    ));

  it("a certificate that does not fit its key", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yurt-certificates-"));
    try {
      const [one, two] = [selfSigned(folder, "one"), selfSigned(folder, "two")];
      await isRefused(
        {
          ...{ Kind: "inline-certificate", Name: "one" },
          ...{ Certificate: one.certificate, PrivateKey: two.key },
        },
        /^inline-certificate\/one PrivateKey: .*not the key of the certificate/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function selfSigned(folder: string, name: string) {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync("openssl", [...words, "-keyout", key, "-out", certificate, "-subj", `/CN=${name}`], {
    stdio: "ignore",
  });
  return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}
