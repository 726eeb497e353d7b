import assert from "node:assert/strict";
import { Registry } from "prom-client";
import type { ApiContext } from "../../src/api/context.ts";
import type { NodeId } from "../../src/model/id.ts";
import { silentLog } from "../../src/model/log.ts";
import type { Server } from "../../src/server/server.ts";
import { ProxyResources } from "../../src/xds/proxy-resources.ts";
import { ProxyStatuses } from "../../src/xds/proxy-status.ts";

/** What the routes of a server are made of that has no node: no allocation is ever placed. */
export function apiContext(server: Server): ApiContext {
  return {
    server,
    node: {
      logs: assert.fail,
      exec: assert.fail,
      restart: assert.fail,
      signal: assert.fail,
      stats: assert.fail,
      files: assert.fail,
      proxyAdmin: assert.fail,
      checkTold: () => {},
    },
    proxies: new ProxyStatuses(),
    resources: new ProxyResources(server.mesh),
    door: null,
    federation: null,
    links: { establish: async () => {}, delete: async () => false, times: () => null },
    metrics: new Registry(),
    log: silentLog,
    agent: {
      version: "0.0.0",
      envoyVersion: "1.40.0",
      name: "n1",
      datacenter: "dc1",
      nodeId: "node" as NodeId,
      address: "10.0.0.1",
      bind: "127.0.0.1",
      httpPort: 4646,
      consulHttpPort: 8500,
      grpc: { plaintext: 8502, tls: -1 },
      dev: true,
      sidecarDriver: "exec",
    },
  };
}
