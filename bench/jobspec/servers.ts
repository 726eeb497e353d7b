import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startAgent } from "../../test/e2e/support/yurt.ts";

export interface ParsingServer extends AsyncDisposable {
  readonly name: string;
  readonly address: string;
}

export async function yurtServer(): Promise<ParsingServer> {
  const agent = await startAgent({ dev: true });
  return { name: "Yurt", address: agent.api, [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose]() };
}

/** Nomad's own server, with one processor as Yurt's has one thread for it. */
export async function nomadServer(binary: string): Promise<ParsingServer> {
  const folder = mkdtempSync(join(tmpdir(), "bench-nomad-"));
  const [http, rpc, serf] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, "nomad.hcl");
  writeFileSync(
    config,
    `data_dir = "${folder}/data"\nbind_addr = "127.0.0.1"\nports {\n  http = ${http}\n  rpc = ${rpc}\n  serf = ${serf}\n}\nserver {\n  enabled = true\n  bootstrap_expect = 1\n}\n`,
  );
  const child = spawn(binary, ["agent", "-config", config], {
    stdio: "ignore",
    env: { ...process.env, GOMAXPROCS: "1" },
  });
  const address = `http://127.0.0.1:${http}`;
  await answering(`${address}/v1/status/leader`);
  return {
    name: "Nomad",
    address,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok && (await response.text()).length > 2) return;
    await pause(50);
  }
  throw new Error(`${url} does not answer`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
