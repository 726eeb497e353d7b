import { parentPort, workerData } from "node:worker_threads";
import { textOf } from "./cases.ts";
import { checkText } from "./check.ts";

/** Works through seeds until it is ended; says which one it begins, so that a hang can be told. */
const { first } = workerData as { first: number };

for (let seed = first; ; seed++) {
  parentPort?.postMessage({ seed });
  try {
    checkText(textOf(seed));
  } catch (error) {
    parentPort?.postMessage({
      seed,
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}
