import { spawn } from "node:child_process";
import { once } from "node:events";

/** A server of Debian's package that keeps nothing on disk. */
export async function startRedis({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): Promise<AsyncDisposable> {
  const words = ["--bind", address, "--port", String(port), "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", words, { stdio: ["ignore", "pipe", "inherit"] });
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      log += part;
      if (/ready to accept connections/i.test(log)) resolve();
    });
    child.once("exit", () => reject(new Error(`redis-server ended:\n${log}`)));
  });
  return {
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
    },
  };
}
