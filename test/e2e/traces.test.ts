import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, it } from "node:test";
import { AdsClient } from "../support/ads-client.ts";
import { startAgent } from "./support/yurt.ts";

interface Traces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly events?: readonly { readonly name: string }[];
      }[];
    }[];
  }[];
}

const SERVICE = join(import.meta.dirname, "services/web.json");

describe("traces", () => {
  it("of each push go to the collector that the environment names", async () => {
    const received: Traces[] = [];
    const collector = createServer((request, response) => {
      const read = json(request).then((traces) => received.push(traces as Traces));
      void read.finally(() => response.end("{}"));
    }).listen(0, "127.0.0.1");
    await once(collector, "listening");
    const { port } = collector.address() as { port: number };
    process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = `http://127.0.0.1:${port}`;
    try {
      await using agent = await startAgent({ dev: true });
      await agent.must("services", "register", SERVICE);
      using client = new AdsClient(agent.grpcAddress, "web-sidecar-proxy");
      await client.acknowledge();
      await agent.kill("SIGTERM");
      const spans = received.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
      );
      assert.ok(
        spans.some(
          ({ name, events = [] }) => name === "xds.push" && events.some((one) => one.name === "response"),
        ),
      );
    } finally {
      delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
      collector.close();
    }
  });
});
