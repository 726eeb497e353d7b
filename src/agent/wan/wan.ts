import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import type { Log } from "#model/log.ts";
import { Federation } from "#server/datacenters/federation.ts";
import { foundSecondary } from "#server/datacenters/found-secondary.ts";
import type { Server } from "#server/server.ts";
import type { State } from "#state/state.ts";
import { RpcServer } from "../link/rpc-server.ts";
import { ensureToken, readToken } from "../link/shared-secret.ts";
import { datacenterLink } from "./datacenter-link.ts";
import { datacenterMethods } from "./datacenter-methods.ts";

/** A server among the datacenters of its mesh. */
export interface WanOptions {
  readonly bind: string;
  readonly port: number;
  /** Where others reach it: a host, or an address. */
  readonly advertise: string;
  /** `host:port` of servers of other datacenters. */
  readonly join: readonly string[];
  readonly primary: string;
  /** The secret by which datacenters know each other; null for the server's own place for it. */
  readonly tokenFile: string | null;
}

export interface WanContext {
  readonly datacenter: string;
  readonly dataDir: string;
  readonly vault: KeyVault;
  readonly log: Log;
}

export class Wan {
  readonly #options: WanOptions;
  readonly #context: WanContext;
  readonly #token: string;

  constructor(options: WanOptions, context: WanContext) {
    this.#options = options;
    this.#context = context;
    this.#token =
      options.tokenFile === null
        ? ensureToken(join(context.dataDir, "server", "wan-token"))
        : readToken(options.tokenFile, "wan-token");
  }

  /** How this datacenter's state begins; null where it begins as a mesh of its own. */
  get found(): ((state: State) => Promise<void>) | null {
    const { join: seeds, primary: name } = this.#options;
    const { datacenter, vault, log } = this.#context;
    if (name === datacenter) return null;
    const connect = this.#connect;
    return (state) => foundSecondary(state, { name, datacenter, seeds, connect, vault, log });
  }

  federation(server: Server): Federation {
    const { join: seeds, primary } = this.#options;
    const { vault, log } = this.#context;
    return new Federation(server.state, {
      ...{ self: this.#self, primary, seeds, vault, log },
      connect: this.#connect,
    });
  }

  open(server: Server, api: FastifyInstance): Promise<RpcServer> {
    const { bind, port, primary } = this.#options;
    const { vault, log } = this.#context;
    const methods = datacenterMethods(server, { self: this.#self, primary, vault, api });
    return RpcServer.start(bind, port, this.#token, methods, log);
  }

  readonly #connect = (addresses: readonly string[]) => datacenterLink(addresses, this.#token);

  get #self() {
    const { advertise, port } = this.#options;
    return { Name: this.#context.datacenter, Addresses: [`${advertise}:${port}`] };
  }
}
