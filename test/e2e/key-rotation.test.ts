import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { until } from "../support/wait.ts";
import { machines, startClient } from "./support/machines.ts";
import { freePort, startAgent } from "./support/yurt.ts";

const JOB = `
job "app" {
  group "app" {
    task "main" {
      driver = "raw_exec"
      identity {
        name = "db"
        aud  = ["db.example"]
        file = true
        ttl  = "6s"
      }
      config {
        command = "/bin/sleep"
        args    = ["600"]
      }
    }
  }
}
`;
const ISSUER = "https://yurt.example.com";

it("a token of a task on another machine outlives the rotation of its key, and the next one is signed with the new key", async () => {
  using network = machines();
  const port = await freePort();
  await using agent = await startAgent({
    bind: network.address,
    flags: ["-server", "-rpc-port", String(port), "-oidc-issuer", ISSUER],
  });
  await using _node = await startClient(await network.add("a"), {
    name: "a",
    servers: `${network.address}:${port}`,
    tokenFile: join(agent.dataDir, "server", "join-token"),
  });
  const keyring = (...words: string[]) => agent.yurt("operator", "root", "keyring", ...words);
  const published = () => agent.get<JSONWebKeySet>("/.well-known/jwks.json");
  const file = join(agent.folder, "app.nomad.hcl");
  writeFileSync(file, JOB);
  await agent.must("job", "run", "-detach", file);
  const id = await until("the allocation runs", async () => {
    const all = await agent.get<{ ID: string; ClientStatus: string }[]>("/v1/job/app/allocations");
    return all.find(({ ClientStatus }) => ClientStatus === "running")?.ID;
  });
  const token = () =>
    agent.must("alloc", "exec", "-t=false", "-i=false", id, "/bin/cat", "secrets/nomad_db.jwt");
  /** As a service does that got the token while it was valid. */
  const verified = async (text: string) => {
    const currentDate = new Date((decodeJwt(text).iat ?? 0) * 1000);
    const expected = { issuer: ISSUER, audience: "db.example", currentDate };
    return (await jwtVerify(text, createLocalJWKSet(await published()), expected)).payload.sub;
  };

  const before = await token();
  const { kid: old = "" } = decodeProtectedHeader(before);
  const undecided = await keyring("rotate", "-full");
  assert.deepEqual([undecided.code, /-now and -prepublish/.test(undecided.stderr)], [1, true]);
  const rotated = await keyring("rotate", "-now", "-full", "-verbose");
  assert.match(
    rotated.stdout,
    /^Key +State +Create Time +Publish Time\n[\da-f-]{36} +active +\S+ +<none>\n$/,
  );
  assert.match((await keyring("list", "-verbose")).stdout, new RegExp(`^${old} +inactive `, "m"));
  assert.equal(await verified(before), "global:default:app:app:main:db");

  const after = await until("the token is renewed with the new key", async () => {
    const text = await token();
    return decodeProtectedHeader(text).kid === old ? null : text;
  });
  assert.equal(await verified(after), "global:default:app:app:main:db");
  assert.equal(await verified(before), "global:default:app:app:main:db");

  const refused = await keyring("remove", decodeProtectedHeader(after).kid ?? "");
  assert.deepEqual([refused.code, /active root key cannot be deleted/.test(refused.stderr)], [1, true]);
  assert.equal((await keyring("remove", "-force", old)).stdout, `Removed encryption key ${old}\n`);
  await assert.rejects(verified(before), /no applicable key/);
  assert.match((await keyring("rotate", "-prepublish", "1h")).stdout, /^[\da-f]{8} +prepublished /m);
  const listed = JSON.parse((await keyring("list", "-json")).stdout) as { State: string }[];
  assert.deepEqual(
    listed.map(({ State }) => State),
    ["prepublished", "active"],
  );
  assert.equal((await published()).keys.length, 2);

  const discovered = await agent.get<{ issuer: string; jwks_uri: string }>(
    "/.well-known/openid-configuration",
  );
  assert.deepEqual([discovered.issuer, discovered.jwks_uri], [ISSUER, `${ISSUER}/.well-known/jwks.json`]);
  const wrong = await agent.yurt("agent", "-dev", "-oidc-issuer", "yurt.example.com");
  assert.match(wrong.stderr, /-oidc-issuer is a URL such as https:/);
});
