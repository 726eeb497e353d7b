import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { until } from "../support/wait.ts";
import { defaults } from "./support/entries.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { issue, newAuthority } from "./support/outside-authority.ts";
import { type HandedOut, SdsServer } from "./support/sds-server.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { callTls, type TlsOptions } from "./support/tls-client.ts";

type Fields = Readonly<Record<string, unknown>>;

const run = promisify(execFile);
const LOCAL = "127.0.0.1";
const [PORT, OTHER_PORT] = [9000, 9001];
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

describe("TLS of an ingress gateway", () => {
  const folder = mkdtempSync(join(tmpdir(), "yurt-ingress-tls-"));
  let mesh: TestMesh;
  let sds: SdsServer;
  /** PEM: of the authority that has signed what is handed out. */
  let authority: string;
  before(async () => {
    const signer = await newAuthority(folder, "authority");
    authority = readFileSync(signer.certificate, "utf8");
    const handedOut = new Map<string, HandedOut>();
    for (const name of ["gateway", "listener", "web", "api"]) {
      const { certificate, key } = await issue(folder, name, `${name}.example.com`, signer, 2);
      const read = (file: string) => readFileSync(file, "utf8");
      handedOut.set(name, { certificate: read(certificate), privateKey: read(key) });
    }
    sds = await SdsServer.start(LOCAL, handedOut);
    const clusters = sds.cluster("certificates", { address: LOCAL });
    mesh = await TestMesh.start([
      {
        ...{ service: "edge", gateway: "ingress-gateway" },
        config: () => ({ envoy_extra_static_clusters_json: clusters }),
      },
      { service: "web" },
      { service: "api" },
    ]);
  });
  after(async () => {
    await mesh?.[Symbol.asyncDispose]();
    await sds?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const place = (port = PORT) => mesh.gateway("edge-1", port);
  const both = [defaults("web"), defaults("api")];
  const ingress = (fields: Fields): WrittenEntry => ({ Kind: "ingress-gateway", Name: "edge", ...fields });
  const sdsOf = (CertResource: string, ClusterName = "certificates") => ({
    SDS: { ClusterName, CertResource },
  });
  const service = (Name: string, fields: Fields = {}) => ({
    Name,
    Hosts: [`${Name}.example.com`],
    ...fields,
  });
  const listener = (Services: readonly Fields[], fields: Fields = {}) => ({
    ...{ Port: PORT, Protocol: "http", Services },
    ...fields,
  });
  const seenAs = (name: string, options: Partial<TlsOptions> = {}, port = PORT) =>
    callTls(place(port), { serverName: `${name}.example.com`, authority, ...options });

  it("SDS of the gateway: another server's certificate stands for all its listeners", async () => {
    await mesh.scene({
      entries: [
        ...both,
        ingress({
          TLS: sdsOf("gateway"),
          Listeners: [listener([service("web")]), { ...listener([service("api")]), Port: OTHER_PORT }],
        }),
      ],
    });
    for (const [port, name] of [
      [PORT, "web"],
      [OTHER_PORT, "api"],
    ] as const) {
      const seen = await seenAs("gateway", { host: `${name}.example.com` }, port);
      assert.match(seen.answer, new RegExp(`200 OK[^]*${name}-1`), seen.error);
    }
  });

  it("SDS of a listener goes before that of the gateway", async () => {
    await mesh.scene({
      entries: [
        ...both,
        ingress({
          TLS: sdsOf("gateway"),
          Listeners: [listener([service("web")], { TLS: sdsOf("listener") })],
        }),
      ],
    });
    const seen = await seenAs("listener", { host: "web.example.com" });
    assert.match(seen.answer, /web-1/, seen.error);
    assert.equal((await seenAs("gateway")).error, "ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("SDS of a service is for its hosts, and has its cluster from the listener where it names none", async () => {
    const services = [
      service("web", { TLS: sdsOf("web") }),
      service("api", { TLS: { SDS: { CertResource: "api" } } }),
    ];
    await mesh.scene({
      entries: [...both, ingress({ Listeners: [listener(services, { TLS: sdsOf("listener") })] })],
    });
    for (const name of ["web", "api"]) {
      const seen = await seenAs(name);
      assert.equal(seen.names, `URI:spiffe://outside/${name}, DNS:${name}.example.com`, seen.error);
      assert.match(seen.answer, new RegExp(`${name}-1`));
    }
  });

  it("SDS of a service: hosts of the others have the listener's certificate", async () => {
    const services = [
      service("web", { TLS: sdsOf("web") }),
      service("api", { Hosts: ["listener.example.com"] }),
    ];
    await mesh.scene({
      entries: [...both, ingress({ Listeners: [listener(services, { TLS: sdsOf("listener") })] })],
    });
    assert.match((await seenAs("web")).answer, /web-1/);
    assert.match((await seenAs("listener")).answer, /api-1/);
  });

  it("SDS: tcp is served with another server's certificate too", async () => {
    const tcp = { ...listener([{ Name: "web" }], { TLS: sdsOf("listener") }), Protocol: "tcp" };
    await mesh.scene({ entries: [ingress({ Listeners: [tcp] })] });
    assert.match((await seenAs("listener")).answer, /web-1/);
  });

  it("nghttp speaks HTTP/2 to it, which TLS agrees on", async () => {
    const web = service("web", { TLS: sdsOf("web") });
    await mesh.scene({
      entries: [...both, ingress({ Listeners: [listener([web], { TLS: sdsOf("listener") })] })],
    });
    const words = ["-v", "-H", ":authority: web.example.com", `https://${place().address}:${PORT}/`];
    const { stdout } = await run("nghttp", words, { timeout: 10_000 });
    assert.match(stdout, /The negotiated protocol: h2/);
    assert.match(stdout, /:status: 200/);
  });

  it("TLSMinVersion, TLSMaxVersion: a client of another version gets nowhere", async () => {
    const agreed = async (versions: Fields) => {
      const TLS = { ...sdsOf("web"), ...versions };
      await mesh.scene({ entries: [...both, ingress({ TLS, Listeners: [listener([service("web")])] })] });
      const seen = await Promise.all(VERSIONS.map((version) => seenAs("web", { version })));
      return VERSIONS.filter((_, i) => seen[i]?.answer.includes("web-1"));
    };
    assert.deepEqual(await agreed({}), ["TLSv1.2", "TLSv1.3"]);
    assert.deepEqual(await agreed({ TLSMinVersion: "TLSv1_3" }), ["TLSv1.3"]);
    assert.deepEqual(await agreed({ TLSMaxVersion: "TLSv1_2" }), ["TLSv1.2"]);
  });

  it("TLSMinVersion of a listener goes before that of the gateway", async () => {
    const TLS = { ...sdsOf("web"), TLSMinVersion: "TLSv1_3" };
    await mesh.scene({
      entries: [
        ...both,
        ingress({
          TLS: { ...sdsOf("web"), TLSMaxVersion: "TLSv1_2" },
          Listeners: [listener([service("web")], { TLS })],
        }),
      ],
    });
    assert.match((await seenAs("web", { version: "TLSv1.3" })).answer, /web-1/);
    assert.notEqual((await seenAs("web", { version: "TLSv1.2" })).error, "");
  });

  it("CipherSuites: no other is agreed on up to TLS 1.2", async () => {
    const CipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"];
    const TLS = { ...sdsOf("web"), TLSMaxVersion: "TLSv1_2", CipherSuites };
    await mesh.scene({ entries: [...both, ingress({ TLS, Listeners: [listener([service("web")])] })] });
    assert.equal((await seenAs("web")).cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
    assert.notEqual((await seenAs("web", { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" })).error, "");
  });

  it("the certificate of the mesh is made anew for the hosts of services that come", async () => {
    const entries = (...names: readonly string[]) => [
      ...both,
      ingress({ TLS: { Enabled: true }, Listeners: [listener(names.map((name) => service(name)))] }),
    ];
    await mesh.scene({ entries: entries("web") });
    const roots = { authority: mesh.server.mesh.certificates.trustBundle() };
    await until("the web answers", async () => (await seenAs("web", roots)).answer.includes("web-1"));
    assert.equal((await seenAs("api", roots)).error, "ERR_TLS_CERT_ALTNAME_INVALID");
    await mesh.change({ entries: entries("web", "api") });
    await until("the api answers", async () => (await seenAs("api", roots)).answer.includes("api-1"));
    assert.match((await seenAs("web", roots)).answer, /web-1/);
  });
});
