import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ApiOnly, startApi } from "../support/api-only.ts";
import { isTrusted } from "../support/openssl.ts";
import { run } from "./support/yurt.ts";

interface LeafView {
  readonly CertPEM: string;
  readonly PrivateKeyPEM: string;
  readonly ServiceURI: string;
  readonly ValidBefore: string;
  readonly ModifyIndex: number;
}

interface RootList {
  readonly ActiveRootID: string;
  readonly TrustDomain: string;
  readonly Roots: readonly { readonly ID: string; readonly RootCert: string; readonly Active: boolean }[];
}

describe("certificate authority by its API and commands", () => {
  let api: ApiOnly;
  let folder: string;
  before(async () => {
    api = await startApi();
    folder = mkdtempSync(join(tmpdir(), "yurt-ca-"));
  });
  after(async () => {
    await api[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const get = async <Result>(path: string): Promise<Result> => {
    const answer = await fetch(`${api.url}/v1${path}`);
    assert.ok(answer.ok, `${answer.status}`);
    return (await answer.json()) as Result;
  };
  const send = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${api.url}/v1${path}`, { method, body: JSON.stringify(body) });
    return { status: answer.status, text: await answer.text() };
  };
  const ca = (...words: string[]) => run(["connect", "ca", ...words], { CONSUL_HTTP_ADDR: api.url });
  const succeeds = async (...words: string[]) => {
    const { code, stdout, stderr } = await ca(...words);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const written = (configuration: object) => {
    const path = join(folder, "ca.json");
    writeFileSync(path, JSON.stringify(configuration));
    return path;
  };

  it("shows its configuration as set-config takes it", async () => {
    const configuration = JSON.parse(await succeeds("get-config"));
    assert.deepEqual(
      [configuration.Provider, configuration.Config.LeafCertTTL, configuration.Config.PrivateKeyBits],
      ["consul", "72h", 256],
    );
    await succeeds("set-config", "-config-file", written(configuration));
    assert.equal((await get<RootList>("/connect/ca/roots")).Roots.length, 1);
  });

  it("changes its root where another key is asked for, and shows both", async () => {
    await succeeds(
      "set-config",
      "-config-file",
      written({ Provider: "consul", Config: { private_key_type: "rsa" } }),
    );
    const shown = await succeeds("roots");
    assert.match(shown, /rsa 2048 .* signs\n.*ec 256 .* trusted until \d{4}-/);
    const list = JSON.parse(await succeeds("roots", "-json")) as RootList;
    assert.equal(list.Roots.find(({ Active }) => Active)?.ID, list.ActiveRootID);
    assert.equal((await succeeds("roots", "-pem")).match(/BEGIN CERTIFICATE/g)?.length, 2);
    await succeeds("rotate");
    assert.equal((await get<RootList>("/agent/connect/ca/roots")).Roots.length, 3);
  });

  it("says what is wrong with a configuration", async () => {
    const fails = async (configuration: object) =>
      (await ca("set-config", "-config-file", written(configuration))).stderr;
    assert.match(await fails({ Provider: "vault" }), /Provider.*"consul"/);
    assert.match(await fails({ Config: { PrivateKeyType: "rsa", PrivateKeyBits: 1024 } }), /2048, 4096/);
    assert.match(await fails({ Config: { PrivateKeyTyp: "rsa" } }), /"PrivateKeyType"/);
    assert.match(await fails({ Config: { PrivateKey: "nonsense" } }), /private key in PEM/);
    assert.match(
      (await ca("set-config", "-config-file", join(folder, "none"))).stderr,
      /no configuration can be read/,
    );
  });

  it("gives programs leaves that its roots vouch for, and tells them of new ones", async () => {
    const leaf = await get<LeafView>("/agent/connect/ca/leaf/web");
    const { Roots, TrustDomain } = await get<RootList>("/connect/ca/roots");
    assert.equal(leaf.ServiceURI, `spiffe://${TrustDomain}/ns/default/dc/dc1/svc/web`);
    assert.ok(
      Roots.every(({ RootCert }) => isTrusted(RootCert, leaf.CertPEM)),
      "old roots and the new one",
    );
    const [certificate = ""] = leaf.CertPEM.split(/(?<=-----END CERTIFICATE-----\n)/);
    assert.equal(new X509Certificate(certificate).subjectAltName, `URI:${leaf.ServiceURI}`);
    assert.match(leaf.PrivateKeyPEM, /BEGIN PRIVATE KEY/);
    const again = await get<LeafView>("/agent/connect/ca/leaf/web");
    assert.deepEqual(
      [again.CertPEM, again.ModifyIndex],
      [leaf.CertPEM, leaf.ModifyIndex],
      "the same while it is fresh",
    );
    const waited = await get<LeafView>(`/agent/connect/ca/leaf/web?index=${leaf.ModifyIndex}&wait=50ms`);
    assert.equal(waited.CertPEM, leaf.CertPEM);
    for (const name of ["a%2Fb", "*", "-x"]) {
      assert.equal((await fetch(`${api.url}/v1/agent/connect/ca/leaf/${name}`)).status, 400, name);
    }
  });

  it("tells programs who may connect", async () => {
    const { TrustDomain } = await get<RootList>("/connect/ca/roots");
    const uri = (service: string, domain = TrustDomain) =>
      `spiffe://${domain}/ns/default/dc/dc1/svc/${service}`;
    const ask = async (ClientCertURI: string, Target = "db") => {
      const { text } = await send("POST", "/agent/connect/authorize", {
        Target,
        ClientCertURI,
        ClientCertSerial: "1",
      });
      return JSON.parse(text) as { Authorized: boolean; Reason: string };
    };
    const Permissions = [{ Action: "allow", HTTP: { PathPrefix: "/" } }];
    await send("PUT", "/connect/intentions/exact?source=web&destination=db", { Action: "allow" });
    await send("PUT", "/connect/intentions/exact?source=shop&destination=db", { Permissions });
    assert.deepEqual(await ask(uri("web")), {
      Authorized: true,
      Reason: "Matched intention: ALLOW default/web => default/db (Precedence: 9)",
    });
    assert.match((await ask(uri("shop"))).Reason, /DENY, for it depends on single requests/);
    assert.deepEqual((await ask(uri("other"))).Authorized, false);
    assert.match((await ask(uri("web", "other.consul"))).Reason, /external trust domain/);
    assert.equal(
      (await send("POST", "/agent/connect/authorize", { Target: "db", ClientCertURI: "web" })).status,
      400,
    );
    assert.equal((await send("POST", "/agent/connect/authorize", {})).status, 400);
  });
});
