import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { tracesOf } from "../support/machine.ts";
import { freePort, type Outcome, run, startAgent, type TestAgent } from "./support/yurt.ts";

/** One clear message, a non-zero exit, no trace of the program's inside. */
function assertTaught({ code, stdout, stderr }: Outcome, message: RegExp, exit = 1): void {
  assert.equal(code, exit, stdout + stderr);
  assert.match(stdout + stderr, message);
  assert.doesNotMatch(stdout + stderr, /^ +at .*:\d+:\d+\)?$/m, "no stack trace");
}

describe("an agent that cannot start", () => {
  const folder = mkdtempSync(join(tmpdir(), "yt-bad-"));
  after(() => rmSync(folder, { recursive: true }));

  /** An agent with ports of its own that must fail at once. */
  async function agent(...flags: readonly string[]): Promise<Outcome> {
    const ports = ["-http-port", String(await freePort()), "-consul-http-port", String(await freePort())];
    return run(["agent", ...ports, "-bridge-network-name", "ytbad", ...flags]);
  }

  it("says where state is kept, or that it is not", async () => {
    assertTaught(await agent(), /-data-dir=<path>.*-dev/);
  });

  it("names a binary that is missing", async () => {
    const outcome = await agent("-dev", "-envoy-binary", "/no/such/envoy");
    assertTaught(outcome, /-envoy-binary: there is no program at \/no\/such\/envoy/);
  });

  it("names a folder that cannot be written", async () => {
    const place = join(folder, "read-only");
    mkdirSync(place);
    execFileSync("mount", ["-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", place]);
    try {
      assertTaught(await agent("-data-dir", join(place, "data")), /-data-dir: no files can be written in/);
    } finally {
      execFileSync("umount", [place]);
    }
  });

  it("names a full disk", async () => {
    const place = join(folder, "full");
    mkdirSync(place);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place]);
    try {
      spawnSync("dd", ["if=/dev/zero", "bs=1M", `of=${join(place, "filler")}`], { stdio: "ignore" });
      assertTaught(await agent("-data-dir", join(place, "data")), /no space left|disk is full/i);
    } finally {
      execFileSync("umount", [place]);
    }
  });

  it("leaves nothing half made", () => assert.deepEqual(tracesOf([folder, "ytbad"]).filter(isNotOurs), []));

  const isNotOurs = (trace: string) => trace !== `folder: ${folder}`;
});

describe("a command without an agent", () => {
  it("says that none answers, where, and how to start one", async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    const outcome = await run(["job", "status"], { NOMAD_ADDR: address });
    assertTaught(outcome, new RegExp(`no agent answers at ${address}.*yurt agent -dev`));
  });
});

describe("jobs that cannot be", () => {
  let agent: TestAgent;
  before(async () => {
    agent = await startAgent();
  });
  after(async () => agent?.[Symbol.asyncDispose]());

  async function submit(name: string, text: string): Promise<Outcome> {
    const path = join(agent.folder, `${name}.nomad.hcl`);
    writeFileSync(path, text);
    return agent.yurt("job", "run", path);
  }

  const once =
    'restart {\n attempts = 0\n mode = "fail"\n }\n reschedule {\n attempts = 0\n unlimited = false\n }';
  const task = (config: string, more = "") =>
    `task "t" {\n driver = "exec"\n config {\n ${config}\n }\n ${more}\n }`;

  it("is told at its port that another agent has it", async () => {
    const port = new URL(agent.api).port;
    const outcome = await run(["agent", "-dev", "-http-port", port]);
    assertTaught(outcome, new RegExp(`127.0.0.1:${port} is taken.*-http-port`));
  });

  it("shows the mistake of a file at its line, and the nearest name", async () => {
    const outcome = await submit("typo", `job "j" {\n  grup "g" {}\n}\n`);
    assertTaught(outcome, /typo.nomad.hcl:2:3: error.*2 \| {3}grup "g" \{\}.*\^\^\^\^.*group/s);
    assert.equal((await agent.get<unknown[]>("/v1/jobs")).length, 0, "nothing was submitted");
  });

  it("shows several mistakes at once", async () => {
    const outcome = await submit(
      "several",
      `job "j" {\n  priority = "high"\n  typ = "batch"\n  group "g" {}\n}\n`,
    );
    assertTaught(outcome, /:2:\d+: error.*:3:\d+: error/s);
  });

  it("fails with the reason when its command does not exist", async () => {
    const outcome = await submit(
      "command",
      `job "command" {\n group "g" {\n ${once}\n ${task('command = "/no/such"')}\n }\n}\n`,
    );
    assertTaught(outcome, /the command "\/no\/such" was not found.*failed/s);
  });

  it("says at submit what a job that can never be placed lacks, and how to mend it", async () => {
    const constraint = 'constraint {\n attribute = "${attr.kernel.name}"\n value = "plan9"\n }';
    const text = `job "never" {
      group "a" {\n ${constraint}\n ${task('command = "/bin/true"')}\n }
      group "b" {\n ${task('command = "/bin/true"', "resources {\n memory = 9999999\n }")}\n }
    }`;
    const outcome = await submit("never", text);
    assertTaught(
      outcome,
      /attr.kernel.name} = plan9": 1 nodes excluded.*Dimension "memory" exhausted.*resources/s,
      2,
    );
  });

  it("refuses a sidecar outside bridge mode", async () => {
    const service = 'service {\n name = "x"\n port = "80"\n connect {\n sidecar_service {}\n }\n }';
    const text = `job "x" {\n group "g" {\n network {\n mode = "host"\n }\n ${service}\n ${task('command = "/bin/true"')}\n }\n}\n`;
    assertTaught(await submit("host", text), /must be "bridge" or "cni/);
  });

  it("keeps running what runs when the disk is full, and says so to who asks for more", async () => {
    const place = join(agent.folder, "disk");
    mkdirSync(place);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=400m", "tmpfs", place]);
    try {
      await using small = await startAgent({ dataDir: join(place, "data") });
      const path = join(agent.folder, "sleep.nomad.hcl");
      writeFileSync(
        path,
        `job "sleep" {\n group "g" {\n update {\n min_healthy_time = "0s"\n }\n ${task('command = "/bin/sleep"\n args = ["600"]')}\n }\n}\n`,
      );
      await small.must("job", "run", path);
      spawnSync("dd", ["if=/dev/zero", "bs=1M", `of=${join(place, "filler")}`], { stdio: "ignore" });
      const refused = await small.yurt("intention", "create", "-deny", "a", "b");
      assertTaught(refused, /disk is full/);
      assert.match(await small.must("job", "status"), /sleep +service +50 +running/);
      rmSync(join(place, "filler"));
      await small.must("intention", "create", "-deny", "a", "b");
      spawnSync("dd", ["if=/dev/zero", "bs=1M", `of=${join(place, "filler")}`], { stdio: "ignore" });
      assert.equal(await small.kill("SIGTERM"), 0);
      const traces = tracesOf([join(place, "data"), small.bridge]);
      assert.deepEqual(traces, []);
    } finally {
      execFileSync("umount", [place]);
    }
  });
});
