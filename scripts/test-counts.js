/** A reporter that leaves one line: passed, failed and skipped tests (suites are not counted). */
export default async function* counts(events) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (data?.details?.type === "suite") continue;
    if (type === "test:fail") total.failed += 1;
    if (type === "test:pass") total[data.skip || data.todo ? "skipped" : "passed"] += 1;
  }
  yield `${total.passed} ${total.failed} ${total.skipped}\n`;
}
