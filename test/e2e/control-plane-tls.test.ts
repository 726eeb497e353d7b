import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type ChannelCredentials, credentials, status } from "@grpc/grpc-js";
import { AdsClient } from "../support/ads-client.ts";
import { until } from "../support/wait.ts";
import { freePort, startAgent, type TestAgent } from "./support/yurt.ts";

const YURT = fileURLToPath(new URL("../../bin/yurt", import.meta.url));
const SERVICES = join(import.meta.dirname, "services");

interface Credentials {
  readonly Token: string;
  readonly Roots: string;
  readonly ServerName: string;
  readonly ServerURI: string;
}

describe("the control plane by TLS, for Envoys that no job runs", () => {
  let agent: TestAgent;
  let operator: string;
  let file: string;

  before(async () => {
    agent = await startAgent();
    await agent.must("services", "register", join(SERVICES, "web.json"), join(SERVICES, "api.json"));
    file = join(agent.dataDir, "server/operator-token");
    operator = readFileSync(file, "utf8").trim();
  });
  after(async () => {
    await agent?.[Symbol.asyncDispose]();
  });

  const credentialsOf = async (proxy: string, token: string): Promise<Credentials> => {
    const response = await fetch(`${agent.consulApi}/v1/mesh/proxy/${proxy}/credentials`, {
      headers: { "x-consul-token": token },
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as Credentials;
  };

  it("gives a proxy's token to the operator and to the proxy, and to nobody else", async () => {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { Token } = await credentialsOf("web-sidecar-proxy", operator);
    assert.equal((await credentialsOf("web-sidecar-proxy", Token)).Token, Token);
    await assert.rejects(
      credentialsOf("api-sidecar-proxy", Token),
      /403: Permission denied: show the operator's token/,
    );
    await assert.rejects(credentialsOf("web-sidecar-proxy", ""), /403/);
  });

  it("serves a proxy that shows its token, and refuses another's", async () => {
    const web = await credentialsOf("web-sidecar-proxy", operator);
    const api = await credentialsOf("api-sidecar-proxy", operator);
    const channel = channelTo(web);
    const serverName = web.ServerName;
    const refusal = async (token: string) => {
      using client = new AdsClient(agent.grpcAddress, "web-sidecar-proxy", { token, channel, serverName });
      return await client.refusal();
    };
    assert.equal(await refusal(web.Token), null);
    assert.equal((await refusal(""))?.code, status.UNAUTHENTICATED);
    assert.equal((await refusal(api.Token))?.code, status.PERMISSION_DENIED);
    using plain = new AdsClient(agent.grpcAddress, "web-sidecar-proxy", { token: web.Token });
    assert.equal((await plain.refusal())?.code, status.UNAVAILABLE);
  });

  it("serves an Envoy that `connect envoy` starts with the operator's token", async () => {
    const where = ["-sidecar-for", "web", "-grpc-addr", `https://${agent.grpcAddress}`];
    const refused = await agent.yurt("connect", "envoy", ...where, "-bootstrap");
    assert.match(refused.stderr, /show the operator's token/);
    const admin = `127.0.0.1:${await freePort()}`;
    const words = [
      "connect",
      "envoy",
      ...where,
      "-token-file",
      file,
      "-admin-bind",
      admin,
      "--",
      "-l",
      "error",
    ];
    const envoy = spawn(YURT, words, {
      env: { ...process.env, CONSUL_HTTP_ADDR: agent.consulApi },
      stdio: "inherit",
    });
    try {
      await until("it is synced", async () =>
        / for \S+ +yes /.test(await agent.must("mesh", "status", "web")),
      );
    } finally {
      envoy.kill();
    }
  });
});

/** Trusts the control plane alone: every service of the mesh has a certificate of the same roots. */
function channelTo({ Roots, ServerURI }: Credentials): ChannelCredentials {
  return credentials.createSsl(Buffer.from(Roots), null, null, {
    checkServerIdentity: (_host, { subjectaltname = "" }) =>
      subjectaltname.includes(`URI:${ServerURI}`) ? undefined : new Error(`it is ${subjectaltname}`),
  });
}
