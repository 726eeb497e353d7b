import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import type { Json } from "#model/schema/schema.ts";
import type { NodeOptions } from "#node/node-agent.ts";
import { DockerDaemon, withoutDocker } from "../support/docker-daemon.ts";
import { TestRegistry } from "../support/registry.ts";
import { until } from "../support/wait.ts";
import { container } from "./docker-node.ts";
import { dockerOptions, never, TestNode } from "./test-node.ts";

const SECRET = "robot:s3cret:with-colon";

describe("images of docker tasks", { skip: withoutDocker }, () => {
  let daemon: DockerDaemon;
  let registry: TestRegistry;
  before(async () => {
    daemon = await DockerDaemon.start();
    registry = await TestRegistry.start(SECRET);
  });
  after(async () => {
    await registry?.[Symbol.asyncDispose]();
    await daemon?.[Symbol.asyncDispose]();
  });

  const file = (name: string, text: string) => {
    const path = join(daemon.folder, name);
    writeFileSync(path, text);
    return path;
  };

  const withNode = async (
    changes: Partial<NodeOptions["docker"]>,
    use: (node: TestNode) => Promise<void>,
  ): Promise<void> => {
    const node = await TestNode.start({ docker: { ...dockerOptions(daemon.socketPath), ...changes } });
    try {
      await use(node);
    } finally {
      await node.stop();
      registry.given.length = 0;
    }
  };

  const start = (node: TestNode, line: string, config: Record<string, Json> = {}): AllocationId => {
    const image = `${registry.address}/team/app:1`;
    const task = container(line, { image, ...config });
    return node.place({ Type: "batch", RestartPolicy: never, Tasks: [task] });
  };

  const isHere = async (name = `${registry.address}/team/app:1`) =>
    (await daemon.engine.find(`/images/${name}/json`)) !== null;

  const forget = () => daemon.engine.find(`/images/${registry.address}/team/app:1`, { method: "DELETE" });

  const runs = async (changes: Partial<NodeOptions["docker"]>, config: Record<string, Json> = {}) =>
    withNode(changes, async (node) => {
      const id = start(node, "echo from the registry", config);
      await node.ended(id);
      assert.equal(await node.logs(id), "from the registry\n", node.events(id));
      assert.ok(registry.given.includes(SECRET));
      await forget();
    });

  const login = (address: string) =>
    JSON.stringify({ auths: { [address]: { auth: Buffer.from(SECRET).toString("base64") } } });

  it("come with what the node's file of credentials says of their registry", async () => {
    for (const form of [registry.address, `http://${registry.address}/v2/`]) {
      const configFile = file("config.json", login(form));
      await runs({ credentials: { configFile, helper: null } });
    }
  });

  it("come with what a helper says, named by the file or by the node", async () => {
    const folder = join(daemon.folder, "helpers");
    mkdirSync(folder);
    const program = join(folder, "docker-credential-test");
    const [, user, password] = /^(\w+):(.*)$/.exec(SECRET) ?? [];
    const answer = JSON.stringify({ Username: user, Secret: password });
    writeFileSync(
      program,
      `#!/bin/sh\nread -r registry\n[ "$1 $registry" = "get ${registry.address}" ] && echo '${answer}' && exit\necho credentials not found in native keychain >&2; exit 1\n`,
    );
    chmodSync(program, 0o755);
    const path = process.env["PATH"];
    process.env["PATH"] = `${folder}:${path}`;
    try {
      const configFile = file(
        "helpers.json",
        JSON.stringify({ credHelpers: { [registry.address]: "test" } }),
      );
      await runs({ credentials: { configFile, helper: null } });
      const nothing = file("nothing.json", "{}");
      await runs({ credentials: { configFile: nothing, helper: "test" } });
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("come with what the task itself says, before all else", async () => {
    const configFile = file("wrong.json", login(registry.address).replace("auth", "no"));
    const [username = "", ...rest] = SECRET.split(":");
    const auth = [{ username, password: rest.join(":") }];
    await runs({ credentials: { configFile, helper: null } }, { auth });
  });

  it("do not come without, and the task says why; nor with a file that cannot be read, without its text", async () => {
    const refused = async (changes: Partial<NodeOptions["docker"]>, why: RegExp) =>
      withNode(changes, async (node) => {
        const id = start(node, "true");
        await node.ended(id);
        assert.match(node.events(id), why);
        assert.ok(!node.events(id).includes("s3cret"));
      });
    await refused({}, /the image "\S+" could not be pulled: .*(unauthorized|no basic auth)/);
    const configFile = file("broken.json", `{"auths": "${SECRET}`);
    await refused(
      { credentials: { configFile, helper: null } },
      /broken\.json could not be read: it is not JSON/,
    );
  });

  it("go once no task uses them any more, unless they were there before", async () => {
    await daemon.importImage("was-here:1");
    const credentials = { configFile: file("config.json", login(registry.address)), helper: null };
    await withNode({ credentials, imageDelay: 0 }, async (node) => {
      const [first, second] = [start(node, "sleep 60"), start(node, "sleep 60")];
      const other = start(node, "true", { image: "was-here:1" });
      for (const id of [first, second]) await node.until(id, "running");
      node.link.stop(first);
      await node.ended(first);
      await node.ended(other);
      assert.ok(await isHere());
      await node.restart();
      node.link.stop(second);
      await node.ended(second);
      await until("the image is gone", async () => !(await isHere()));
      assert.ok(await isHere("was-here:1"));
    });
  });

  it("stay with their containers where the node is told so", async () => {
    await daemon.importImage("was-here:1");
    await withNode({ removesContainers: false }, async (node) => {
      const id = start(node, "true", { image: "was-here:1" });
      await node.ended(id);
      const path = `/containers/main-${id}`;
      const container = await daemon.engine.find<{ State: { Status: string } }>(`${path}/json`);
      assert.equal(container?.State.Status, "exited");
      await daemon.engine.find(path, { method: "DELETE" });
    });
  });
});
