import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { listen, nomadServer } from "#api/servers.ts";
import { silentLog } from "#model/log.ts";
import { Server } from "#server/server.ts";
import { evaluations } from "#server/tables.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { apiContext } from "../../test/support/api-context.ts";

const program = fileURLToPath(new URL("../../bin/yurt", import.meta.url));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The commands around job files, as their users run them, against a server without nodes. */
describe("job commands", () => {
  let folder: string;
  let server: Server;
  let api: FastifyInstance;
  let address: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-jobs-"));
    const store = new SqliteStore(join(folder, "state.db"), { durable: false });
    const options = {
      datacenter: "dc1",
      defaultPolicy: "deny",
      leafLifetime: 1000,
      leafFailed: assert.fail,
    } as const;
    server = await Server.start(store, options, silentLog);
    api = nomadServer(apiContext(server));
    address = `http://127.0.0.1:${await listen(api, "127.0.0.1", 0)}`;
    mkdirSync(join(folder, "jobs"));
  });
  after(async () => {
    await api.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const yurt = (words: readonly string[], input = ""): Promise<Outcome> =>
    new Promise((resolve) => {
      const options = { cwd: join(folder, "jobs"), env: { ...process.env, NOMAD_ADDR: address } };
      const child = execFile(program, words, options, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
      // Some commands end without having read it.
      child.stdin?.on("error", () => {}).end(input);
    });
  const write = (name: string, content: string) => writeFileSync(join(folder, "jobs", name), content);
  const read = (name: string) => readFileSync(join(folder, "jobs", name), "utf8");

  const web = (more = "", count = 1) => `job "web" {
  group "app" {
    count = ${count}

    network {
      mode = "bridge"
    }

    service {
      name = "web"
      port = "8080"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
              local_bind_port  = 9000
            }
          }
        }
      }
    }

    task "main" {
      driver = "exec"

      config {
        command = "/bin/web"
      }${more}
    }
  }
}
`;

  it("init writes examples that are valid and formatted, and never over a file", async () => {
    for (const [index, flags] of [[], ["-short"], ["-connect"], ["-connect", "-short"]].entries()) {
      const path = `example-${index}.nomad.hcl`;
      const written = await yurt(["job", "init", ...flags, path]);
      assert.deepEqual([written.code, written.out], [0, `Example job file written to ${path}\n`]);
      const { code, out, err } = await yurt(["job", "validate", path]);
      assert.deepEqual([code, out, err], [0, "Job validation successful\n", ""]);
      assert.equal((await yurt(["fmt", "-check", path])).code, 0);
    }
    const again = await yurt(["job", "init", "example-0.nomad.hcl"]);
    assert.deepEqual([again.code, again.err.includes("there is already a file")], [1, true]);
  });

  it("validate names every mistake with its line, and gives them as data", async () => {
    write("bad.nomad.hcl", 'job "x" {\n  typ = "batch"\n  group "g" {\n    conut = 2\n  }\n}\n');
    const { code, out, err } = await yurt(["job", "validate", "bad.nomad.hcl"]);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(
      err,
      /bad\.nomad\.hcl:2:3: error: Unsupported argument\n {2}2 \|.*\n.*\^\^\^\n.*Did you mean "type"\?/,
    );
    assert.match(err, /bad\.nomad\.hcl:4:5: .*\n(.*\n)*.*Did you mean "count"\?/);
    const data = JSON.parse((await yurt(["job", "validate", "-json", "bad.nomad.hcl"])).out);
    assert.equal(data.valid, false);
    assert.deepEqual(
      data.diagnostics.map(({ range }: { range: { start: object } }) => range.start),
      [
        { line: 2, column: 3, byte: 12 },
        { line: 4, column: 5, byte: 44 },
      ],
    );
  });

  it("validate takes variables from flags, files and the environment, and says what is not carried out", async () => {
    write("vars.hcl", 'driver = "exec"\n');
    write(
      "with-variables.nomad.hcl",
      'variable "driver" {}\nvariable "count" {\n  type = number\n}\njob "x" {\n  ui { description = "said" }\n  group "g" {\n    count = var.count\n    task "t" {\n      driver = var.driver\n    }\n  }\n}\n',
    );
    const found = await yurt([
      "job",
      "validate",
      "-var-file=vars.hcl",
      "-var",
      "count=3",
      "with-variables.nomad.hcl",
    ]);
    assert.equal(found.code, 0);
    assert.match(found.err, /with-variables\.nomad\.hcl:6:\d+: warning: Not carried out/);
    const missing = await yurt(["job", "validate", "with-variables.nomad.hcl"]);
    assert.match(missing.err, /The variable "driver" has no value/);
    assert.match(missing.err, /The variable "count" has no value/);
  });

  it("run -output prints what run -json and validate -json take", async () => {
    write("web.nomad.hcl", web());
    const { code, out } = await yurt(["job", "run", "-output", "web.nomad.hcl"]);
    const { Job } = JSON.parse(out);
    assert.deepEqual([code, Job.ID, Job.Region, Job.TaskGroups[0].Count], [0, "web", null, 1]);
    write("web.json", out);
    assert.deepEqual(JSON.parse((await yurt(["job", "validate", "-json", "web.json"])).out), {
      valid: true,
      diagnostics: [],
    });
    assert.deepEqual(JSON.parse((await yurt(["job", "run", "-output", "-json", "web.json"])).out), { Job });
  });

  it("plan shows a new job, what it does to the mesh, and what stands in its way", async () => {
    const { code, out } = await yurt(["job", "plan", "web.nomad.hcl"]);
    assert.equal(code, 1);
    assert.match(
      out,
      /^\+ Job: "web"\n\+ Task Group: "app" \(1 create\)\n {2}\+ Task: "main" \(forces create\)\n {2}\+ Task: "connect-proxy-web" \(forces create\)\n/,
    );
    assert.match(out, /\n\+ service "web": port 8080, behind a sidecar\n/);
    assert.match(out, /\n\+ upstream web => api: at 127\.0\.0\.1:9000\n/);
    assert.match(out, /! upstream "web" => "api": no service "api" with a proxy is registered/);
    assert.match(out, /! upstream "web" => "api": no intention allows it/);
    assert.match(out, /WARNING: Failed to place all allocations\.\n {2}Task Group "app"/);
    assert.match(out, /Job Modify Index: 0\n/);
    assert.match(
      (await yurt(["job", "plan", "-verbose", "web.nomad.hcl"])).out,
      /\+ Config \{\n +\+ command: "\/bin\/web"/,
    );
    assert.doesNotMatch((await yurt(["job", "plan", "-diff=false", "web.nomad.hcl"])).out, /Task Group: /);
  });

  it("plan shows what an edit changes, and exits with 0 when nothing is created or destroyed", async () => {
    assert.equal((await yurt(["job", "run", "-detach", "web.nomad.hcl"])).code, 0);
    write("web.nomad.hcl", web('\n\n      env {\n        A = "1"\n      }', 2));
    const { code, out } = await yurt(["job", "plan", "web.nomad.hcl"]);
    assert.equal(code, 1);
    assert.match(
      out,
      /^\+\/- Job: "web"\n\+\/- Task Group: "app" \(2 create\)\n {2}\+\/- Count: "1" => "2" \(forces create\)\n/,
    );
    assert.match(out, /\+\/- Task: "main" \(forces create\/destroy update\)\n {4}\+ Env\[A\]: "1"\n/);
    write("idle.nomad.hcl", web("", 0).replaceAll('"web"', '"idle"'));
    assert.equal((await yurt(["job", "plan", "idle.nomad.hcl"])).code, 0);
    assert.equal((await yurt(["job", "plan", "bad.nomad.hcl"])).code, 255);
    assert.equal((await yurt(["job", "plan", "-address", "http://127.0.0.1:1", "web.nomad.hcl"])).code, 255);
  });

  it("history shows the versions and what each changed; revert goes back; inspect shows the job as JSON and HCL", async () => {
    assert.equal((await yurt(["job", "run", "-detach", "web.nomad.hcl"])).code, 0);
    const { out } = await yurt(["job", "history", "-p", "web"]);
    assert.match(out, /Version {5}= 1\n.*\n.*\nDiff\n\+\/- Job: "web"\n(.*\n)* {2}\+\/- Count: "1" => "2"/);
    assert.match(out, /Version {5}= 0\n/);
    assert.doesNotMatch((await yurt(["job", "history", "-version", "0", "web"])).out, /Version {5}= 1/);
    assert.match((await yurt(["job", "revert", "web", "1"])).err, /can't revert to current version/);
    assert.match((await yurt(["job", "revert", "web", "7"])).err, /at version 7 not found/);
    assert.equal((await yurt(["job", "revert", "-detach", "web", "0"])).code, 0);
    const { Job } = JSON.parse((await yurt(["job", "inspect", "web"])).out);
    assert.deepEqual([Job.Version, Job.TaskGroups[0].Count], [2, 1]);
    const hcl = await yurt(["job", "inspect", "-hcl", "-version", "1", "web"]);
    assert.match(hcl.out, /^job "web" \{\n {2}group "app" \{\n {4}count = 2\n/);
    write("printed.nomad.hcl", hcl.out);
    assert.equal((await yurt(["job", "validate", "printed.nomad.hcl"])).code, 0);
  });

  it("inspect -hcl shows a job as it was written, which goes back with a revert", async () => {
    const text = (mark: string) =>
      `# ${mark}\nvariable "n" {\n  type = number\n}\njob "kept" {\n  group "a" {\n    count = var.n\n    task "t" {\n      driver = "raw_exec"\n      config {\n        command = "x"\n      }\n      env {\n        MARK = "${mark}"\n      }\n    }\n  }\n}\n`;
    for (const mark of ["one", "two"]) {
      write("kept.nomad.hcl", text(mark));
      assert.equal((await yurt(["job", "run", "-detach", "-var", "n=1", "kept.nomad.hcl"])).code, 0);
    }
    const inspect = async (...flags: string[]) =>
      (await yurt(["job", "inspect", "-hcl", ...flags, "kept"])).out;
    assert.equal(await inspect(), text("two"));
    assert.equal(await inspect("-version", "0"), text("one"));
    assert.equal(await inspect("-with-vars"), `# n = "1"\n${text("two")}`);
    assert.equal((await yurt(["job", "revert", "-detach", "kept", "0"])).code, 0);
    assert.equal(await inspect(), text("one"));
  });

  it("run keeps counts and resources that were changed since, and gives its evaluation a priority, when told to", async () => {
    const job = async () => JSON.parse((await yurt(["job", "inspect", "kept"])).out).Job;
    const file = read("kept.nomad.hcl").replace(
      "env {",
      "resources {\n        memory = 77\n      }\n      env {",
    );
    write("kept.nomad.hcl", file);
    const run = (...flags: string[]) =>
      yurt(["job", "run", "-detach", "-var", "n=3", ...flags, "kept.nomad.hcl"]);
    assert.equal((await run("-preserve-counts", "-preserve-resources")).code, 0);
    const [kept] = (await job()).TaskGroups;
    assert.deepEqual([kept.Count, kept.Tasks[0].Resources.MemoryMB], [1, 300]);
    const { out } = await run("-eval-priority", "90", "-verbose");
    const [group] = (await job()).TaskGroups;
    assert.deepEqual([group.Count, group.Tasks[0].Resources.MemoryMB], [3, 77]);
    const id = /Evaluation ID: (\S+)/.exec(out)?.[1] ?? "";
    assert.equal(server.state.get(evaluations, id)?.Priority, 90);
  });

  it("node pool makes, shows and deletes pools; one that is needed stays", async () => {
    write(
      "pools.hcl",
      'node_pool "fast" {\n  description = "with fast disks"\n  meta {\n    disk = "nvme"\n  }\n}\n',
    );
    assert.match((await yurt(["node", "pool", "apply", "pools.hcl"])).out, /applied node pool "fast"/);
    const { out } = await yurt(["node", "pool", "list"]);
    assert.match(out, /all +Node pool with all nodes.*\ndefault +Default node pool\.\nfast +with fast disks/);
    assert.match((await yurt(["node", "pool", "info", "fast"])).out, /with fast disks(.*\n)*disk += nvme/);
    write(
      "pooled.nomad.hcl",
      read("kept.nomad.hcl").replace('job "kept" {', 'job "pooled" {\n  node_pool = "fast"'),
    );
    assert.equal((await yurt(["job", "run", "-detach", "-var", "n=1", "pooled.nomad.hcl"])).code, 0);
    assert.match((await yurt(["node", "pool", "jobs", "fast"])).out, /pooled +service +50/);
    assert.match((await yurt(["node", "pool", "nodes", "fast"])).out, /No nodes/);
    assert.match((await yurt(["node", "pool", "delete", "fast"])).err, /has jobs, such as "pooled"/);
    assert.match((await yurt(["node", "pool", "delete", "default"])).err, /cannot be deleted/);
    assert.equal((await yurt(["job", "stop", "-purge", "-detach", "pooled"])).code, 0);
    assert.equal((await yurt(["node", "pool", "delete", "fast"])).code, 0);
    assert.match((await yurt(["node", "pool", "info", "fast"])).err, /node pool not found/);
  });

  it("scaling policy lists what the scaling blocks of jobs say, and shows one", async () => {
    const scaling =
      'group "a" {\n    scaling {\n      min = 1\n      max = 9\n      policy {\n        cooldown = "1m"\n      }\n    }';
    write("kept.nomad.hcl", read("kept.nomad.hcl").replace('group "a" {', scaling));
    assert.equal((await yurt(["job", "run", "-detach", "-var", "n=3", "kept.nomad.hcl"])).code, 0);
    const { out } = await yurt(["scaling", "policy", "list", "-job", "kept"]);
    const [, id = ""] = /([0-9a-f]{8}) +true +horizontal +Namespace:default,Job:kept,Group:a/.exec(out) ?? [];
    const shown = (await yurt(["scaling", "policy", "info", id])).out;
    assert.match(shown, /Min += 1\nMax += 9\n\nPolicy\n\{\n {2}"cooldown": "1m"/);
    assert.match((await yurt(["scaling", "policy", "list", "-job", "other"])).out, /No policies found/);
  });

  it("eval delete deletes evaluations by id, and those that a filter matches", async () => {
    const ofKept = () => server.state.all(evaluations).filter(({ JobID }) => JobID === "kept");
    const [first] = ofKept().filter(({ Status }) => Status !== "pending");
    const gone = await yurt(["eval", "delete", first?.ID.slice(0, 13) ?? ""]);
    assert.deepEqual(
      [gone.out, ofKept().some(({ ID }) => ID === first?.ID)],
      ["1 evaluation deleted\n", false],
    );
    assert.match((await yurt(["eval", "delete", "-filter", "Colour == red"])).err, /Invalid filter/);
    assert.equal((await yurt(["eval", "delete", "-filter", "JobID == kept and Status != pending"])).code, 0);
    assert.deepEqual(
      ofKept().filter(({ Status }) => Status !== "pending"),
      [],
    );
  });

  it("fmt writes, checks, lists and goes into folders; standard input goes to standard output", async () => {
    const [ugly, pretty] = ['job   "x" {\ntype="batch"\n}\n', 'job "x" {\n  type = "batch"\n}\n'];
    mkdirSync(join(folder, "jobs", "below", "deeper"), { recursive: true });
    write("below/ugly.nomad", ugly);
    write("below/deeper/ugly.hcl", ugly);
    write("below/other.txt", ugly);
    assert.deepEqual(await yurt(["fmt", "-check", "below"]), { code: 1, out: "below/ugly.nomad\n", err: "" });
    assert.equal(read("below/ugly.nomad"), ugly);
    assert.equal((await yurt(["fmt", "-write=false", "below"])).code, 0);
    assert.equal(read("below/ugly.nomad"), ugly);
    assert.deepEqual(await yurt(["fmt", "-recursive", "-list=false", "below"]), {
      code: 0,
      out: "",
      err: "",
    });
    assert.deepEqual(
      [read("below/ugly.nomad"), read("below/deeper/ugly.hcl"), read("below/other.txt")],
      [pretty, pretty, ugly],
    );
    assert.deepEqual(await yurt(["fmt", "-"], ugly), { code: 0, out: pretty, err: "" });
    assert.equal((await yurt(["fmt", "-check", "-"], ugly)).code, 1);
    const bad = await yurt(["fmt", "-"], "job {\n");
    assert.deepEqual([bad.code, bad.out, bad.err.startsWith("standard input:1:1: error")], [1, "", true]);
  });
});
