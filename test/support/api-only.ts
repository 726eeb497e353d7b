import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { consulServer, listen } from "../../src/api/servers.ts";
import { silentLog } from "../../src/model/log.ts";
import { Server } from "../../src/server/server.ts";
import { SqliteStore } from "../../src/store/sqlite.ts";
import { apiContext } from "./api-context.ts";

/** A server with the routes that Consul's clients know, and no node: for what needs no allocations. */
export interface ApiOnly extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
}

export async function startApi(): Promise<ApiOnly> {
  const folder = mkdtempSync(join(tmpdir(), "yurt-api-"));
  const store = new SqliteStore(join(folder, "state.db"), { durable: false });
  const options = { datacenter: "dc1", defaultPolicy: "deny" as const, leafLifetime: 72 * 3_600_000 };
  const leafFailed = (_: string, error: unknown) => {
    throw error;
  };
  const server = await Server.start(store, { ...options, leafFailed }, silentLog);
  const app = consulServer(apiContext(server));
  const port = await listen(app, "127.0.0.1", 0);
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
