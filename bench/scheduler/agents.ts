import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, startAgent } from "../../test/e2e/support/yurt.ts";
import { type MemoryShares, memorySharesOf } from "../support/process.ts";

/** An agent that is measured, of either program: they speak the same API. */
export interface MeasuredAgent extends AsyncDisposable {
  readonly name: string;
  readonly api: string;
  readonly pid: number;
}

export async function startYurt(): Promise<MeasuredAgent> {
  const agent = await startAgent({ flags: ["-log-level", "warn"] });
  return {
    name: "Yurt",
    api: agent.api,
    pid: agent.pid,
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

/** `binary`: a Nomad that has the driver for tests, `mock_driver`. */
export async function startNomad(binary: string): Promise<MeasuredAgent> {
  const folder = mkdtempSync(join(tmpdir(), "nomad-bench-"));
  const [http, rpc, serf] = [await freePort(), await freePort(), await freePort()];
  const configuration = join(folder, "agent.hcl");
  writeFileSync(
    configuration,
    `ports {
      http = ${http}
      rpc = ${rpc}
      serf = ${serf}
    }
    plugin "raw_exec" {
      config { enabled = true }
    }`,
  );
  const words = ["agent", "-dev", "-data-dir", join(folder, "data"), "-config", configuration];
  const child = spawn(binary, words, { stdio: "ignore" });
  const api = `http://127.0.0.1:${http}`;
  const isReady = () =>
    fetch(`${api}/v1/nodes`)
      .then(async (answer) => ((await answer.json()) as { Status: string }[])[0]?.Status === "ready")
      .catch(() => false);
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`${binary} exited with ${child.exitCode}`);
    await pause(100);
  }
  return {
    name: execFileSync(binary, ["version"], { encoding: "utf8" }).split("\n")[0] ?? "Nomad",
    api,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * MB that an agent and all that it has started hold, except for the tasks themselves: as every process tells it for
 * itself, and with what several share counted once.
 */
export function memoryOfAll(
  root: number,
  isTask: (command: string) => boolean,
): Pick<MemoryShares, "resident" | "proportional"> {
  const children = childrenByParent();
  let [resident, proportional] = [0, 0];
  for (const waiting = [root]; waiting.length > 0; ) {
    const pid = waiting.pop() ?? 0;
    waiting.push(...(children.get(pid) ?? []));
    try {
      if (isTask(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "))) continue;
      const shares = memorySharesOf(pid);
      resident += shares.resident * MEGABYTES;
      proportional += shares.proportional * MEGABYTES;
    } catch {
      // It has ended meanwhile.
    }
  }
  return { resident, proportional };
}

/** In a MiB. */
const MEGABYTES = 1.048576;

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return children;
}
