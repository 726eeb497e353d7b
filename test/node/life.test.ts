import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import type { TaskArtifact } from "#model/job/artifact.ts";
import { second } from "#model/schema/duration.ts";
import type { Input } from "#model/schema/schema.ts";
import { allocate, never, shell, type TaskInput, type TestGroup, TestNode, traces } from "./test-node.ts";

let node: TestNode;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "yl-"));
  for (const name of ["data", "fixed"]) mkdirSync(join(folder, name));
  chmodSync(join(folder, "data"), 0o777);
  writeFileSync(join(folder, "fixed/hello"), "hello\n");
  node = await TestNode.start({
    hostVolumes: {
      data: { Path: join(folder, "data"), ReadOnly: false },
      fixed: { Path: join(folder, "fixed"), ReadOnly: true },
      "each[0]": { Path: join(folder, "fixed"), ReadOnly: true },
    },
  });
});
after(async () => {
  await node.stop();
  rmSync(folder, { recursive: true });
  assert.deepEqual(traces(node.options), []);
});

const ran = async (group: TestGroup) => {
  const id = node.place({ Type: "batch", RestartPolicy: never, ...group });
  await node.ended(id);
  return id;
};
const named = (Name: string, line: string, task: TaskInput = {}): TaskInput => ({
  ...shell(line),
  ...task,
  Name,
});

describe("the tasks of an allocation", { concurrency: true }, () => {
  it("run one part after the other, with sidecars that end when the main tasks have", async () => {
    const note = (text: string) => `echo ${text} >>"$NOMAD_ALLOC_DIR/order"`;
    const hook = (Hook: "prestart" | "poststart" | "poststop", Sidecar = false) => ({
      Lifecycle: { Hook, Sidecar },
    });
    const id = await ran({
      Tasks: [
        named("before", note("before"), hook("prestart")),
        named(
          "beside",
          `${note("beside")}; trap 'sleep 0.2; ${note("beside-end")}; exit 0' INT; while :; do sleep 0.05; done`,
          hook("prestart", true),
        ),
        named(
          "main",
          `sleep 0.3; until grep -q after-start "$NOMAD_ALLOC_DIR/order"; do sleep 0.02; done; ${note("main")}`,
        ),
        named("then", note("after-start"), hook("poststart")),
        named("last", note("last"), hook("poststop")),
      ],
    });
    const order = Buffer.concat(
      await Array.fromAsync(node.agent.access.files(id).read("/alloc/order", 0)),
    ).toString();
    const lines = order.trim().split("\n");
    // A sidecar has begun when its process has; nobody waits for what that does.
    assert.deepEqual(
      lines.filter((line) => line !== "beside"),
      ["before", "after-start", "main", "beside-end", "last"],
    );
    assert.ok(lines.slice(0, lines.indexOf("beside-end")).includes("beside"));
    assert.equal(node.link.updates.get(id)?.ClientStatus, "complete");
    assert.match(node.events(id, "beside"), /Main Tasks Dead/);
  });

  it("do not start when what must run before them fails", async () => {
    const id = await ran({
      Tasks: [named("before", "exit 3", { Lifecycle: { Hook: "prestart" } }), named("main", "echo never")],
    });
    assert.equal(node.state(id)?.StartedAt, null);
    assert.match(node.events(id), /Sibling Task Failed/);
    assert.equal(node.link.updates.get(id)?.ClientStatus, "failed");
  });

  it("end with their leader", async () => {
    const id = await ran({
      Tasks: [named("leader", "sleep 0.2", { Leader: true }), named("main", "exec sleep 100")],
    });
    assert.match(node.events(id), /Leader Task in Group dead/);
    assert.equal(node.link.updates.get(id)?.ClientStatus, "complete");
  });

  it("are ended when they have run for as long as they may", async () => {
    const id = await ran({ MaxRunDuration: second / 2, Tasks: [named("main", "exec sleep 100")] });
    assert.match(node.events(id), /has run for its max_run_duration of 500ms/);
    assert.equal(node.link.updates.get(id)?.ClientStatus, "failed");
  });

  it("get signed identities as files and in their environment, renewed while they run", async () => {
    const allocation = allocate({
      Tasks: [
        named(
          "main",
          'trap \'cat "$NOMAD_SECRETS_DIR/nomad_x.jwt"; echo\' HUP; echo "$NOMAD_TOKEN"; while :; do sleep 0.05; done',
          {
            Identity: { Env: true },
            Identities: [{ Name: "x", File: true, TTL: 3 * second, ChangeMode: "signal" }],
          },
        ),
      ],
    });
    node.link.add(allocation);
    await node.hasPrinted(allocation.ID, " main default 1\n");
    await node.hasPrinted(allocation.ID, " main x 3\n");
    node.link.stop(allocation.ID);
    await node.ended(allocation.ID);
  });

  it("find what the one before them has left, where their disk is sticky", async () => {
    const EphemeralDisk = { Sticky: true };
    const line =
      "cat $NOMAD_ALLOC_DIR/data/x local/y 2>/dev/null; echo data | tee $NOMAD_ALLOC_DIR/data/x > local/y";
    const first = allocate({
      EphemeralDisk,
      Tasks: [shell(`${line}; echo up; sleep 60`, { KillTimeout: second / 5 })],
    });
    node.link.add(first);
    await node.hasPrinted(first.ID, "up");
    const next = {
      ...allocate({ Type: "batch", EphemeralDisk, Tasks: [shell(line)] }),
      PreviousAllocation: first.ID,
    };
    node.link.add(next);
    node.link.stop(first.ID);
    await node.ended(next.ID);
    assert.equal(await node.wholeLogs(next.ID), "data\ndata\n");
  });

  it("find the payload that their job was dispatched with", async () => {
    const allocation = allocate({
      Type: "batch",
      Tasks: [named("main", "cat local/in/payload", { DispatchPayload: { File: "in/payload" } })],
    });
    node.link.add({
      ...allocation,
      Job: { ...allocation.Job, Payload: Buffer.from("the load").toString("base64") },
    });
    await node.ended(allocation.ID);
    assert.equal(await node.logs(allocation.ID), "the load");
  });

  it("mount folders of the host, as far as the node and their job allow", async () => {
    const mount = (Volume: string, Destination: string) => ({ Volume, Destination });
    const id = await ran({
      Volumes: {
        a: { Type: "host", Source: "data" },
        b: { Type: "host", Source: "fixed", ReadOnly: true },
        c: { Type: "host", Source: "each", ReadOnly: true, PerAlloc: true },
      },
      Tasks: [
        named("main", "cat /b/hello /mnt/c/hello; echo new >/a/new; echo x >/b/x || echo refused", {
          Driver: "exec",
          VolumeMounts: [mount("a", "/a"), mount("b", "/b"), mount("c", "/mnt/c")],
        }),
      ],
    });
    assert.equal(await node.logs(id), "hello\nhello\nrefused\n", node.events(id));
    assert.equal(readFileSync(join(folder, "data/new"), "utf8"), "new\n");
    const wrong: readonly [RegExp, object, TaskInput][] = [
      [/no host volume "none" \(it has data, fixed/, { Source: "none" }, { Driver: "exec" }],
      [/"fixed" is read-only on this node/, { Source: "fixed" }, { Driver: "exec" }],
      [/raw_exec sees the host as it is/, { Source: "data" }, {}],
    ];
    for (const [expected, volume, task] of wrong) {
      const failed = await ran({
        Volumes: { a: { Type: "host", ...volume } },
        Tasks: [named("main", "true", { ...task, VolumeMounts: [mount("a", "/a")] })],
      });
      assert.match(node.events(failed), expected);
    }
  });
});

describe("artifacts", { concurrency: true }, () => {
  let root: string;
  let base: string;
  const served = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "";
    if (path === "/moved") return void response.writeHead(302, { location: "/plain.txt" }).end();
    if (path === "/guarded" && request.headers["x-token"] !== "open main")
      return void response.writeHead(403).end();
    try {
      response.end(path === "/guarded" ? "guarded\n" : readFileSync(join(root, path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  before(async () => {
    root = mkdtempSync(join(tmpdir(), "ya-"));
    mkdirSync(join(root, "in/sub"), { recursive: true });
    writeFileSync(join(root, "plain.txt"), "plain\n");
    writeFileSync(join(root, "in/one"), "one\n");
    writeFileSync(join(root, "in/sub/two"), "two\n", { mode: 0o755 });
    execFileSync("tar", ["-C", join(root, "in"), "-czf", join(root, "all.tar.gz"), "."]);
    execFileSync("tar", ["-C", join(root, "in"), "-cJf", join(root, "all.tar.xz"), "."]);
    execFileSync("gzip", ["-k", join(root, "plain.txt")]);
    execFileSync("python3", [
      "-m",
      "zipfile",
      "-c",
      join(root, "all.zip"),
      join(root, "in/one"),
      join(root, "in/sub"),
    ]);
    symlinkSync("/etc", join(root, "evil"));
    execFileSync("sh", [
      "-c",
      `cd "$0" && tar -cf evil.tar evil && rm evil && mkdir evil && echo x >evil/yurt-evil && tar -rf evil.tar evil/yurt-evil`,
      root,
    ]);
    const git = (...words: string[]) =>
      execFileSync("git", ["-C", join(root, "in"), "-c", "user.name=t", "-c", "user.email=t@t", ...words]);
    git("init", "--quiet", "-b", "trunk");
    git("add", ".");
    git("commit", "--quiet", "-m", "x");
    await new Promise<void>((resolve) => served.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(served.address() as AddressInfo).port}`;
  });
  after(() => {
    served.close();
    rmSync(root, { recursive: true });
  });

  const fetch = (line: string, ...Artifacts: Input<TaskArtifact>[]) =>
    ran({ Tasks: [named("main", line, { Artifacts })] });

  it("are files and archives of every usual kind, put where their job wants them", async () => {
    const sum = createHash("sha256").update("plain\n").digest("hex");
    const id = await fetch(
      "cd local; cat plain.txt tgz/one xz/sub/two zip/one only/two here name/renamed moved; test -x tgz/sub/two && echo x; cat plain/plain.txt guarded git/one",
      { GetterSource: `${base}/plain.txt`, GetterOptions: { checksum: `sha256:${sum}` } },
      { GetterSource: `${base}/all.tar.gz`, RelativeDest: "local/tgz" },
      { GetterSource: `${base}/all.tar.xz`, RelativeDest: "local/xz" },
      { GetterSource: `${base}/all.zip`, RelativeDest: "local/zip" },
      { GetterSource: `${base}/all.tar.gz//sub`, RelativeDest: "local/only" },
      { GetterSource: `${base}/plain.txt`, RelativeDest: "local/here", GetterMode: "file" },
      { GetterSource: `${base}/plain.txt?filename=renamed`, RelativeDest: "local/name" },
      { GetterSource: `${base}/moved` },
      { GetterSource: `${base}/plain.txt.gz`, RelativeDest: "local/plain" },
      { GetterSource: `${base}/guarded`, GetterHeaders: { "x-token": "open ${NOMAD_TASK_NAME}" } },
      { GetterSource: `git::${join(root, "in")}?ref=trunk`, RelativeDest: "local/git" },
    );
    assert.equal(
      await node.logs(id),
      "plain\none\ntwo\none\ntwo\nplain\nplain\nplain\nx\nplain\nguarded\none\n",
      node.events(id) + (await node.logs(id, "stderr")),
    );
    assert.match(node.events(id), /Downloading Artifacts/);
  });

  it("that cannot be had say why, and are tried again as the restart policy says", async () => {
    const cases: [RegExp, Input<TaskArtifact>][] = [
      [/the server answers 404 Not Found/, { GetterSource: `${base}/none` }],
      [/the server answers 403/, { GetterSource: `${base}/guarded` }],
      [
        /its sha256 checksum is [0-9a-f]{64}, not 0{64}/,
        { GetterSource: `${base}/plain.txt`, GetterOptions: { checksum: `sha256:${"0".repeat(64)}` } },
      ],
      [
        /the checksum "abc" is not of the form/,
        { GetterSource: `${base}/plain.txt`, GetterOptions: { checksum: "abc" } },
      ],
      [/nobody listens there/, { GetterSource: "http://127.0.0.1:1/x" }],
      [/sources of "s3::" cannot be fetched here/, { GetterSource: "s3::https://x/y" }],
      [/leads out of its folder/, { GetterSource: `${base}/plain.txt`, RelativeDest: "../../x" }],
      [/failed to download artifact.*evil/, { GetterSource: `${base}/evil.tar` }],
      [/mode is "dir"/, { GetterSource: `${base}/plain.txt`, GetterMode: "dir" }],
      [/http:\/\/me:…@127.0.0.1:1\/x/, { GetterSource: "http://me:secret@127.0.0.1:1/x" }],
    ];
    const ids = await Promise.all(cases.map(([, artifact]) => fetch("true", artifact)));
    for (const [index, [expected]] of cases.entries()) {
      const id = ids[index] as AllocationId;
      assert.match(node.events(id), expected);
      assert.equal(node.link.updates.get(id)?.ClientStatus, "failed");
    }
    assert.throws(() => readFileSync("/etc/yurt-evil"), "nothing was written through a link");
    const again = await ran({
      RestartPolicy: { Attempts: 1, Interval: 60 * second, Delay: second / 100, Mode: "fail" },
      Tasks: [named("main", "true", { Artifacts: [{ GetterSource: `${base}/none` }] })],
    });
    assert.equal(node.state(again)?.Restarts, 1);
  });
});
