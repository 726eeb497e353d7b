/**
 * Looks for job files that crash, hang or swell the parser: `FUZZ_SECONDS=600 make fuzz`. FUZZ_SEED begins elsewhere;
 * `node test/jobspec/fuzz/run.ts <seed>` prints the file of one seed and checks it alone.
 */
import { Worker } from "node:worker_threads";
import { textOf } from "./cases.ts";
import { checkText } from "./check.ts";

const longestCase = 10_000;
const mostFailures = 20;

const [only] = process.argv.slice(2);
if (only !== undefined) {
  console.log(textOf(Number(only)));
  checkText(textOf(Number(only)));
} else {
  await fuzz(Number(process.env["FUZZ_SECONDS"] ?? 60), Number(process.env["FUZZ_SEED"] ?? Date.now() % 1e9));
}

async function fuzz(seconds: number, first: number): Promise<void> {
  const failures: string[] = [];
  const end = Date.now() + seconds * 1000;
  let [seed, begun, count] = [first, Date.now(), 0];
  let next = first;
  while (Date.now() < end && failures.length < mostFailures) {
    begun = Date.now();
    const worker = new Worker(new URL("worker.ts", import.meta.url), {
      workerData: { first: next },
      resourceLimits: { maxOldGenerationSizeMb: 512, stackSizeMb: 4 },
    });
    const over = new Promise<string>((resolve) => {
      worker.on("message", (message: { seed: number; failure?: string }) => {
        if (message.failure !== undefined) failures.push(`seed ${message.seed}: ${message.failure}`);
        else [seed, begun, count] = [message.seed, Date.now(), count + 1];
      });
      worker.on("error", (error: Error) => resolve(`seed ${seed}: the parser ended: ${error.message}`));
    });
    const outcome = await Promise.race([
      over,
      stalled(
        () => begun,
        () => Date.now() > end || failures.length >= mostFailures,
      ),
    ]);
    await worker.terminate();
    if (outcome !== null)
      failures.push(outcome === "stalled" ? `seed ${seed}: takes more than ${longestCase} ms` : outcome);
    next = seed + 1;
  }
  console.log(`${count} texts from seed ${first}, ${failures.length} failures`);
  for (const failure of failures) console.error(`\n${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** Null when the time is over. */
async function stalled(begun: () => number, isOver: () => boolean): Promise<"stalled" | null> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (isOver()) return null;
    if (Date.now() - begun() > longestCase) return "stalled";
  }
}
