import { describe, it } from "node:test";
import { matchResources } from "../../../test/support/resource-golden.ts";
import type { Resource } from "../resource.ts";
import { exposedClusters, exposedListener } from "./exposed.ts";
import { leafSecret, rootsSecret } from "./secrets.ts";

const golden = (name: string, resources: readonly Resource[]) =>
  matchResources(import.meta.dirname, name, resources);

describe("resources of a sidecar", () => {
  it("exposes paths, and nothing else at their port", () => {
    const path = { Path: "/health", Protocol: "http", LocalPathPort: 9001, ListenerPort: 21500 } as const;
    const exposed = {
      address: "0.0.0.0",
      sources: [],
      port: 21500,
      paths: [path, { ...path, Path: "/metrics" }],
    };
    golden("exposed-paths", [exposedListener(exposed), ...exposedClusters([exposed], "127.0.0.1")]);
  });

  it("certificates, under the names that everything else uses", () => {
    golden("secrets", [leafSecret({ certificate: "CERTIFICATE", privateKey: "KEY" }), rootsSecret("ROOTS")]);
  });
});
