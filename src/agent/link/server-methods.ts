import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { NodeId } from "#model/id.ts";
import type { ServerLink } from "#node/server-link.ts";
import type { Server } from "#server/server.ts";
import type { AdsServer } from "#xds/ads-server.ts";
import type { Methods } from "./rpc-server.ts";

/** What a server lets nodes in other processes call: the link of a node in its own, and the streams of its proxies. */
export function serverMethods(
  link: ServerLink,
  { assignments, nodes }: Server,
  ads: AdsServer,
  folder: string,
): Methods {
  const { registerNode, updateAllocations, putServices, removeServices } = link;
  const { updateChecks, deregisterService, proxyBootstrap, registeredChecks, templateData, identity } = link;
  const sockets = new ProxySockets(ads, folder);
  return {
    calls: {
      ...{
        updateAllocations,
        putServices,
        removeServices,
        updateChecks,
        deregisterService,
        proxyBootstrap,
        identity,
      },
      registerNode: async (node: Parameters<ServerLink["registerNode"]>[0]) => {
        nodes.heard(node.ID);
        await registerNode(node);
      },
      heartbeat: async (node: NodeId) => nodes.heard(node),
    },
    streams: {
      ...{ registeredChecks, templateData },
      allocations: (node: NodeId, signal: AbortSignal) => assignments.of(node, signal),
    },
    tunnels: { proxy: (proxyId) => sockets.open(proxyId) },
  };
}

/** A control plane's socket for each proxy whose stream comes from another machine, as long as there is a stream. */
class ProxySockets {
  readonly #ads: AdsServer;
  readonly #folder: string;
  readonly #users = new Map<string, number>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(ads: AdsServer, folder: string) {
    this.#ads = ads;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  async open(proxyId: string) {
    const path = join(this.#folder, createHash("sha256").update(proxyId).digest("hex").slice(0, 16));
    const users = this.#users.get(path) ?? 0;
    this.#users.set(path, users + 1);
    if (users === 0) this.#opening.set(path, this.#ads.listen(path, proxyId));
    await this.#opening.get(path);
    const socket = connect(path);
    socket.on("close", () => this.#leave(path));
    return socket;
  }

  #leave(path: string): void {
    const users = (this.#users.get(path) ?? 1) - 1;
    this.#users.set(path, users);
    if (users > 0) return;
    this.#users.delete(path);
    void this.#ads.forget(path);
  }
}
