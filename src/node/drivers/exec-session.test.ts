import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { startSession } from "./exec-session.ts";

describe("a program of the host as a session", { timeout: 20_000 }, () => {
  const start = (tty: boolean, ...command: string[]) =>
    startSession({ command, tty, environment: { PATH: "/usr/bin:/bin" }, cwd: "/" });

  it("has a terminal of the size that it is told", async () => {
    const session = start(true, "sh", "-c", "echo up; read -r _; stty size; exit 3");
    const output = text(session.stdout);
    for await (const chunk of start(true, "echo", "it's here").stdout)
      assert.equal(String(chunk), "it's here\r\n");
    await session.resize(100, 40);
    session.stdin.write("go\n");
    assert.match(await output, /^up\r\ngo\r\n40 100\r\n$/);
    assert.equal(await session.exitCode, 3);
  });

  it("is ended, and tells by which signal as a shell does", async () => {
    const session = start(false, "sleep", "60");
    session.kill();
    assert.equal(await session.exitCode, 128 + 9);
    session.kill();
    assert.deepEqual(await Promise.all([session.stdout, session.stderr].map(text)), ["", ""]);
  });

  it("is refused where there is no such program", () => {
    assert.throws(() => start(false, "no-such-program"), /the program no-such-program is not installed/);
  });
});
