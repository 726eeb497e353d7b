import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { until } from "../support/wait.ts";
import { startAgent } from "./support/yurt.ts";

const JOB = `
job "app" {
  group "app" {
    service {
      name = "app"
      provider = "nomad"
      check {
        name     = "alive"
        type     = "script"
        command  = "/bin/echo"
        args     = ["well"]
        interval = "1s"
        timeout  = "1s"
        task     = "main"
      }
    }
    task "main" {
      driver = "raw_exec"
      kill_timeout = "1s"
      action "greet" {
        command = "/bin/sh"
        args    = ["-c", "cat local/hello; exit 5"]
      }
      identity {
        env = true
      }
      identity {
        name = "db"
        aud  = ["db.example"]
        file = true
        ttl  = "1h"
      }
      template {
        data        = "{{ key \\"greeting\\" }}, {{ with nomadVar \\"nomad/jobs/app\\" }}{{ .who }}{{ end }}\\n"
        destination = "local/hello"
        change_mode = "noop"
        splay       = "0s"
      }
      config {
        command = "/bin/sh"
        args    = ["-c", "trap 'echo usr1' USR1; echo started; i=0; while :; do i=$((i+1)); echo $i >>local/lines; sleep 0.1; done"]
      }
    }
  }
}
`;

const yurt = fileURLToPath(new URL("../../bin/yurt", import.meta.url));

describe("commands for allocations", () => {
  it("show files and checks, send signals, restart and stop", async () => {
    await using agent = await startAgent({ dev: true });
    const file = join(agent.folder, "app.nomad.hcl");
    writeFileSync(file, JOB.replace('provider = "nomad"', ""));
    await agent.must("kv", "put", "greeting", "hello");
    await agent.must("var", "put", "nomad/jobs/app", "who=world");
    await agent.must("job", "run", "-detach", file);
    const running = async () => {
      const all = await agent.get<{ ID: string; ClientStatus: string }[]>("/v1/job/app/allocations");
      return all.find(({ ClientStatus }) => ClientStatus === "running")?.ID;
    };
    const id = await until("the allocation runs", running);
    const logs = () => agent.must("alloc", "logs", id);
    await until("the task has started", async () => (await logs()).includes("started"));

    assert.equal(await agent.must("alloc", "fs", id, "main/local/hello"), "hello, world\n");
    await agent.must("kv", "put", "greeting", "bye");
    await until(
      "the template is new",
      async () => (await agent.must("alloc", "fs", id, "main/local/hello")) === "bye, world\n",
    );
    assert.match(await agent.must("alloc", "fs", id.slice(0, 8), "main"), /^drwxrwxrwx .* local\/$/m);
    assert.match(
      await agent.must("alloc", "fs", "-stat", "-H", id, "main/local/hello"),
      /-rw-r--r--\s+11 B .* hello/,
    );
    assert.equal(
      (await agent.must("alloc", "fs", "-tail", "-n", "2", id, "main/local/lines")).trim().split("\n").length,
      2,
    );
    for (const [path, problem] of [
      ["main/secrets/x", /secrets are not shown/],
      ["../../../etc/passwd", /leads out of its folder/],
      ["main/none", /there is no such file or folder/],
    ] as const) {
      const { code, stderr } = await agent.yurt("alloc", "fs", id, path);
      assert.equal(code, 1);
      assert.match(stderr, problem);
    }
    const following = spawn(yurt, ["alloc", "fs", "-f", "-address", agent.api, id, "main/local/lines"]);
    let seen = "";
    following.stdout.on("data", (part) => {
      seen += part;
    });
    await until("new lines are shown", () => seen.split("\n").length > 5);
    following.kill("SIGINT");

    const inTask = async (...command: string[]) =>
      (await agent.must("alloc", "exec", "-t=false", "-i=false", id, ...command)).trim();
    const tokens = [
      await inTask("/bin/sh", "-c", 'echo "$NOMAD_TOKEN"'),
      await inTask("/bin/sh", "-c", 'cat "$NOMAD_SECRETS_DIR/nomad_db.jwt"'),
    ];
    const published = createLocalJWKSet(await agent.get<JSONWebKeySet>("/.well-known/jwks.json"));
    const [plain, database] = await Promise.all(tokens.map((token) => jwtVerify(token, published)));
    assert.equal(plain?.payload.sub, "global:default:app:app:main:default");
    assert.equal(plain?.payload["nomad_allocation_id"], id);
    assert.equal(plain?.payload.exp, undefined);
    assert.deepEqual(
      [database?.payload.aud, (database?.payload.exp ?? 0) - (database?.payload.iat ?? 0)],
      ["db.example", 3600],
    );

    const acted = await agent.yurt("action", "-job", "app", "-i=false", "greet");
    assert.deepEqual([acted.code, acted.stdout], [5, "bye, world\n"], acted.stderr);
    assert.match((await agent.yurt("action", "-job", "app", "none")).stderr, /has the action "none"/);

    await until("the check passes", async () =>
      (await agent.yurt("alloc", "checks", id)).stdout.includes("success (passing)"),
    );
    assert.match(await agent.must("alloc", "checks", id), /Name {4}= alive[\s\S]*Output {2}= well/);
    await agent.must("alloc", "signal", "-s", "SIGUSR1", id, "main");
    await until("the task got the signal", async () => (await logs()).includes("usr1"));
    await agent.must("alloc", "restart", id);
    await until("the task has started again", async () => (await logs()).split("started").length === 3);
    const refused = await agent.yurt("alloc", "restart", "-task", "none", id);
    assert.match(refused.stderr, /the allocation has no task "none" \(it has main\)/);
    await agent.must("alloc", "stop", "-detach", id);
    await until("another has taken its place", async () => {
      const now = await running();
      return now !== undefined && now !== id;
    });
    assert.match(await agent.must("var", "list"), /nomad\/jobs\/app/);
    assert.equal(await agent.must("var", "get", "-item", "who", "nomad/jobs/app"), "world\n");
    await agent.must("var", "purge", "nomad/jobs/app");
    assert.equal((await agent.yurt("var", "get", "nomad/jobs/app")).code, 1);
    assert.equal(await agent.must("kv", "get", "greeting"), "bye\n");
    await agent.must("kv", "delete", "greeting");
  });
});
