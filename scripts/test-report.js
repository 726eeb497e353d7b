import { relative } from "node:path";
import { inspect } from "node:util";

/**
 * A reporter that names each file once, each failure with its cause, and closes with a line for each failure and the
 * counts: of a long run often the end alone is read.
 */
export default async function* report(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  let file;
  for await (const { type, data } of events) {
    if (type === "test:stderr") yield data.message;
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details?.type === "suite") continue;
    if (data.file !== file && data.file) {
      file = data.file;
      yield `${relative(process.cwd(), file)}\n`;
    }
    const skipped = data.skip !== undefined || data.todo !== undefined;
    counts[type === "test:fail" ? "failed" : skipped ? "skipped" : "passed"] += 1;
    if (skipped) yield `  - ${data.name}${typeof data.skip === "string" ? ` (${data.skip})` : ""}\n`;
    else if (type === "test:fail") {
      failures.push(
        `failed: ${relative(process.cwd(), file)}: ${data.name}: ${summary(data.details.error)}\n`,
      );
      yield `  ✗ ${data.name}\n${cause(data.details.error)}\n`;
    } else if (data.details.duration_ms > 1000) {
      yield `  ✓ ${data.name} (${(data.details.duration_ms / 1000).toFixed(1)} s)\n`;
    }
  }
  yield* failures;
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}

function cause(error) {
  const text = inspect(error?.cause ?? error, { depth: 6, colors: false });
  return text.replace(/^/gm, "      ");
}

function summary(error) {
  const { message = String(error) } = error?.cause ?? error ?? {};
  return message.replace(/\s+/g, " ").slice(0, 200);
}
