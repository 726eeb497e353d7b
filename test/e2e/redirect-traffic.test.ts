import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { until } from "../support/wait.ts";

const run = promisify(execFile);
const YURT = join(import.meta.dirname, "../../bin/yurt");
const NAME = `yurt-rt-${process.pid}`;
const [PROXY, OTHER] = [1301, 1302];

/** Answers every connection at a port with the port's number, as a user. */
const SERVER = `
import socket, sys
listener = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    connection, _ = listener.accept()
    connection.sendall(sys.argv[1].encode())
    connection.close()
`;

const CLIENT = `
import socket, sys
try:
    connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)
    print(connection.recv(100).decode())
except OSError as problem:
    print("nobody")
`;

describe("connect redirect-traffic", () => {
  const within = (...words: string[]) => run("ip", ["netns", "exec", NAME, ...words]);
  const servers: ReturnType<typeof spawn>[] = [];
  before(async () => {
    await run("ip", ["netns", "add", NAME]);
    await within("ip", "link", "set", "lo", "up");
    // An address of its own, which leads nowhere.
    await within("ip", "link", "add", "here", "type", "veth", "peer", "name", "there");
    await within("ip", "address", "add", "10.9.0.1/24", "dev", "here");
    await within("ip", "link", "set", "here", "up");
    await within("ip", "link", "set", "there", "up");
    for (const port of ["15001", "16001", "8080"]) {
      servers.push(spawn("ip", ["netns", "exec", NAME, "/usr/bin/python3", "-c", SERVER, port]));
    }
    await until("the servers listen", async () => (await ask(OTHER, "127.0.0.1", "8080")) === "8080");
  });
  after(async () => {
    for (const server of servers) server.kill();
    await run("ip", ["netns", "delete", NAME]);
  });

  const redirect = (...words: string[]) =>
    run(YURT, ["connect", "redirect-traffic", "-netns", `/run/netns/${NAME}`, ...words]);
  const ask = async (user: number, address: string, port: string): Promise<string> => {
    const as = ["setpriv", "--reuid", String(user), "--clear-groups", "--inh-caps=-all"];
    const { stdout } = await within(...as, "/usr/bin/python3", "-c", CLIENT, address, port);
    return stdout.trim();
  };

  it("leads the connections of all but the proxy and whom it excludes to the proxy", async () => {
    await redirect(
      "-proxy-uid",
      String(PROXY),
      "-proxy-inbound-port",
      "20000",
      "-exclude-outbound-port",
      "8080",
    );
    assert.equal(await ask(OTHER, "10.9.0.1", "80"), "15001");
    assert.equal(await ask(OTHER, "10.9.0.1", "8080"), "8080");
    assert.equal(await ask(OTHER, "127.0.0.1", "8080"), "8080");
    assert.equal(await ask(PROXY, "10.9.0.1", "80"), "nobody");
  });

  it("replaces what it has redirected before", async () => {
    const ports = ["-proxy-inbound-port", "20000", "-proxy-outbound-port", "16001"];
    const excluded = ["-exclude-uid", String(OTHER), "-exclude-outbound-cidr", "10.0.0.0/30"];
    await redirect("-proxy-uid", String(PROXY), ...ports);
    assert.equal(await ask(OTHER, "10.9.0.1", "8080"), "16001");
    await redirect("-proxy-uid", String(PROXY), ...ports, ...excluded);
    assert.equal(await ask(OTHER, "10.9.0.1", "8080"), "8080");
  });

  it("says what is missing or wrong", async () => {
    const refused = async (...words: string[]) => {
      const { stderr } = await redirect(...words).catch((error: { stderr: string }) => error);
      return stderr;
    };
    assert.match(await refused(), /-proxy-uid is missing/);
    assert.match(await refused("-proxy-uid", "1"), /-proxy-inbound-port or -proxy-id is missing/);
    const proxy = ["-proxy-uid", "1", "-proxy-inbound-port", "20000"];
    assert.match(await refused(...proxy, "-exclude-uid", "root"), /expected a number.*"root"/);
    assert.match(await refused(...proxy, "-exclude-outbound-cidr", "10.0.0.0/40"), /10\.0\.0\.0\/40/);
  });
});
