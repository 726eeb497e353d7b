import type { DefaultPolicy } from "../../../src/mesh/intentions.ts";
import { Server } from "../../../src/server/server.ts";
import { SqliteStore } from "../../../src/store/sqlite.ts";

/** Quiet unless a test fails: what proxies reject fails the case instead. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, named: () => silent };

/** A server with a state and a mesh, and nobody who runs jobs. */
export function startServer(path: string, defaultPolicy: DefaultPolicy): Promise<Server> {
  const leafFailed = (_: string, error: unknown) => {
    throw error;
  };
  const options = { datacenter: "dc1", defaultPolicy, leafLifetime: 3_600_000, leafFailed };
  return Server.start(new SqliteStore(path, { durable: false }), options, silent);
}
