import type { DefaultPolicy } from "../../../src/mesh/intentions.ts";
import { Server } from "../../../src/server/server.ts";
import { SqliteStore } from "../../../src/store/sqlite.ts";

/** Quiet unless a test fails: what proxies reject fails the case instead. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, named: () => silent };

export interface TestServerOptions {
  /** `allow` by default. */
  readonly defaultPolicy?: DefaultPolicy;
  /** Milliseconds; an hour by default. */
  readonly leafLifetime?: number;
}

/** A server with a state and a mesh, and nobody who runs jobs. */
export function startServer(
  path: string,
  { defaultPolicy = "allow", leafLifetime = 3_600_000 }: TestServerOptions,
): Promise<Server> {
  const leafFailed = (_: string, error: unknown) => {
    throw error;
  };
  const options = { datacenter: "dc1", defaultPolicy, leafLifetime, leafFailed };
  return Server.start(new SqliteStore(path, { durable: false }), options, silent);
}
