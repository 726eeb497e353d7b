import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { consulServer, listen, nomadServer } from "../../src/api/servers.ts";
import type { DefaultPolicy } from "../../src/mesh/intentions.ts";
import { silentLog } from "../../src/model/log.ts";
import { Server } from "../../src/server/server.ts";
import { SqliteStore } from "../../src/store/sqlite.ts";
import { apiContext } from "./api-context.ts";

/** A server with the routes that Nomad's and Consul's clients know, and no node: for what needs no allocations. */
export interface ApiOnly extends AsyncDisposable {
  /** Of the routes that Consul's clients know. */
  readonly url: string;
  readonly server: Server;
  readonly consul: FastifyInstance;
  readonly nomad: FastifyInstance;
}

export async function startApi({
  defaultPolicy = "deny",
  oidcIssuer = null,
}: {
  readonly defaultPolicy?: DefaultPolicy;
  readonly oidcIssuer?: string | null;
} = {}): Promise<ApiOnly> {
  const folder = mkdtempSync(join(tmpdir(), "yurt-api-"));
  const store = new SqliteStore(join(folder, "state.db"), { durable: false });
  const options = { datacenter: "dc1", defaultPolicy, oidcIssuer, leafLifetime: 72 * 3_600_000 };
  const leafFailed = (_: string, error: unknown) => {
    throw error;
  };
  const server = await Server.start(store, { ...options, leafFailed }, silentLog);
  const context = apiContext(server);
  const [consul, nomad] = [consulServer(context), nomadServer(context)];
  const port = await listen(consul, "127.0.0.1", 0);
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ server, consul, nomad },
    [Symbol.asyncDispose]: async () => {
      await consul.close();
      await nomad.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
