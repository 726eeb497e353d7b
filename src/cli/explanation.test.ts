import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readOnce } from "#mesh/cells.ts";
import { explain } from "#mesh/explain/explain.ts";
import { matchGolden } from "../../test/support/golden.ts";
import { type MeshAlone, startMesh } from "../../test/support/mesh-alone.ts";
import { type ExplanationView, explanationLines } from "./explanation.ts";
import type { Terminal } from "./terminal.ts";

const terminal: Terminal = {
  print: () => {},
  say: () => {},
  style: (_, text) => text,
  colour: false,
  interactive: false,
  columns: 80,
};

describe("the explanation of a request", () => {
  let alone: MeshAlone;
  before(async () => {
    alone = await startMesh();
    await alone.register("web", "web-1", { upstreams: ["shop", "db"] });
    for (const version of ["1", "2"]) await alone.register("shop", `shop-${version}`, { meta: { version } });
    await alone.register("reports", "reports-1");
    await alone.register("spare", "spare-1");
    await alone.report("shop-2", "critical");
    await alone.report("reports-1", "critical");
    const entries: readonly object[] = [
      { Kind: "proxy-defaults", Name: "global", Config: { protocol: "http" } },
      {
        Kind: "service-router",
        Name: "shop",
        Routes: [
          {
            Match: {
              HTTP: {
                PathPrefix: "/reports/",
                Methods: ["GET"],
                Header: [{ Name: "x-user", Present: true }],
              },
            },
            Destination: {
              Service: "reports",
              PrefixRewrite: "/",
              RequestTimeout: "3s",
              NumRetries: 4,
              RetryOn: ["5xx"],
            },
          },
        ],
      },
      {
        Kind: "service-splitter",
        Name: "shop",
        Splits: [
          { Weight: 90, ServiceSubset: "v1" },
          { Weight: 10, ServiceSubset: "v2" },
        ],
      },
      {
        Kind: "service-resolver",
        Name: "shop",
        ConnectTimeout: "2s",
        RequestTimeout: "9s",
        Subsets: { v1: { Filter: "Service.Meta.version == 1" }, v2: { Filter: "Service.Meta.version == 2" } },
        LoadBalancer: { Policy: "least_request" },
      },
      { Kind: "service-resolver", Name: "reports", Failover: { "*": { Service: "spare" } } },
      {
        Kind: "service-intentions",
        Name: "spare",
        Sources: [{ Name: "web", Permissions: [{ Action: "deny", HTTP: { PathPrefix: "/2025" } }] }],
      },
    ];
    for (const entry of entries) await alone.write(entry);
  });
  after(() => alone[Symbol.asyncDispose]());

  const shown = (
    path: string,
    headers: readonly (readonly [string, string])[] = [],
    destination = "shop",
  ) => {
    const asked = { source: "web", destination, method: "GET", path, headers: new Map(headers) };
    const explanation = readOnce(() => explain(alone.mesh, asked));
    const view = { ...JSON.parse(JSON.stringify(explanation)), running: [] } as ExplanationView;
    return `${explanationLines(terminal, view).join("\n")}\n`;
  };
  const golden = (name: string) => join(import.meta.dirname, "goldens", `explain-${name}.txt`);

  it("tells the share, subset and settings of each split", () =>
    matchGolden(golden("splits"), shown("/cart?x=1")));

  it("tells the route, its rewritten path, its retries and timeout, failover, and the permission that decides", () =>
    matchGolden(golden("route"), shown("/reports/2025/sales", [["x-user", "ann"]])));

  it("tells what is missing", () => matchGolden(golden("nothing"), shown("/", [], "db")));
});
