import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import type { HealthCheck } from "#model/catalog.ts";
import { checkRegistration } from "#model/registration/check.ts";
import { canonical } from "#model/schema/canonical.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { CheckUpdate } from "../server-link.ts";
import { RegisteredChecks } from "./registered-checks.ts";

function check(definition: object, Type: string): HealthCheck {
  return {
    ...{ Node: "n1", CheckID: "c", Name: "c", Status: "passing", Notes: "", Output: "", Type },
    ...{ ServiceID: "s", ServiceName: "s" },
    Definition: canonical(checkRegistration, definition),
  };
}

/** Runs one check, and gives its first report that `isWanted`. */
async function firstReport(
  one: HealthCheck,
  isWanted: (update: CheckUpdate) => boolean,
): Promise<CheckUpdate> {
  const { promise, resolve } = Promise.withResolvers<CheckUpdate>();
  const report = (update: CheckUpdate) => {
    if (isWanted(update)) resolve(update);
  };
  const running = new RegisteredChecks({ report, expired: assert.fail });
  running.take([{ id: "c", check: one }]);
  // Its own timers do not keep a process.
  const alive = setInterval(() => {}, 1000);
  try {
    return await promise;
  } finally {
    clearInterval(alive);
    running.stop();
  }
}

describe("checks that are registered by hand", () => {
  it("are critical when nobody has told their status in time", async () => {
    const { Status, Output } = await firstReport(check({ TTL: 20 * millisecond }, "ttl"), () => true);
    assert.deepEqual([Status, Output], ["critical", "TTL expired"]);
  });

  it("ask a server for its health by gRPC", async () => {
    let answer = [0, 0, 0, 0, 2, 8, 2];
    const asked: string[] = [];
    const server = createServer().listen(0, "127.0.0.1");
    server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on("data", (chunk: Buffer) => asked.push(`${headers[":path"]} ${chunk.subarray(7)}`));
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.from(answer));
    });
    await once(server, "listening");
    const GRPC = `127.0.0.1:${(server.address() as AddressInfo).port}/web`;
    const grpc = check({ GRPC, Interval: 20 * millisecond }, "grpc");
    const down = await firstReport(grpc, () => true);
    assert.deepEqual([down.Status, down.Output], ["critical", `gRPC ${GRPC}: NOT_SERVING`]);
    answer = [0, 0, 0, 0, 2, 8, 1];
    const up = await firstReport({ ...grpc, Status: "critical" }, ({ Status }) => Status === "passing");
    assert.equal(up.Output, `gRPC ${GRPC}: SERVING`);
    assert.equal(asked[0], "/grpc.health.v1.Health/Check web");
    server.close();
  });
});
