import { connect } from "node:net";
import { until } from "./wait.ts";

/** Connects, sends nothing, and gives all that is said there. */
export function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ host, port });
    socket.setTimeout(2000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (part) => {
      text += part;
    });
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

export async function answers(host: string, port: number, expected: string): Promise<void> {
  await until(
    `${host}:${port} says ${JSON.stringify(expected)}`,
    async () => (await ask(host, port)) === expected,
  );
}
