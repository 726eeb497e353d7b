import { chmod, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import type { NodeId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import type { Node } from "#model/node.ts";
import type { AssignedAllocation, ServerLink } from "#node/server-link.ts";
import type { RpcClient } from "./rpc-client.ts";
import { BEAT, join } from "./rpc-server.ts";

/** The way from a node to servers elsewhere. */
export function remoteLink(rpc: RpcClient, log: Log): ServerLink {
  let self: Node | null = null;
  let isKnown = false;
  const registerNode = async (node: Node) => {
    self = node;
    await rpc.call("registerNode", node);
    isKnown = true;
  };
  return {
    registerNode,
    allocations: async function* (node, signal) {
      // After a silence the servers may have given the node up.
      if (!isKnown && self !== null) await registerNode(self);
      isKnown = false;
      yield* withHeartbeat(rpc, node, signal);
    },
    updateAllocations: (updates) => rpc.call("updateAllocations", updates),
    putServices: (allocation, services) => rpc.call("putServices", allocation, services),
    removeServices: (allocation) => rpc.call("removeServices", allocation),
    updateChecks: (node, updates) => rpc.call("updateChecks", node, updates),
    registeredChecks: (node, signal) => rpc.stream("registeredChecks", [node], signal),
    deregisterService: (node, id) => rpc.call("deregisterService", node, id),
    identity: (request) => rpc.call("identity", request),
    templateData: (query, signal) => rpc.stream("templateData", [query], signal),
    proxyBootstrap: (placement) => rpc.call("proxyBootstrap", placement),
    serveProxy: (path, proxyId) => serveProxy(rpc, path, proxyId, log),
  };
}

async function* withHeartbeat(
  rpc: RpcClient,
  node: NodeId,
  signal: AbortSignal,
): AsyncGenerator<readonly AssignedAllocation[]> {
  const forgotten = new AbortController();
  const beat = setInterval(() => {
    rpc.call<boolean>("heartbeat", node).then(
      (isKnown) => isKnown || forgotten.abort(new Error("the servers had given the node up")),
      // The stream itself ends when the servers cannot be reached.
      () => {},
    );
  }, BEAT);
  try {
    yield* rpc.stream<readonly AssignedAllocation[]>(
      "allocations",
      [node],
      AbortSignal.any([signal, forgotten.signal]),
    );
  } finally {
    clearInterval(beat);
  }
  forgotten.signal.throwIfAborted();
}

/** Each connection of the proxy goes through to a server, byte by byte. */
async function serveProxy(rpc: RpcClient, path: string, proxyId: string, log: Log): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    rpc.tunnel("proxy", proxyId).then(
      (tunnel) => join(socket, tunnel),
      (error: unknown) => {
        log.debug("a proxy does not reach its control plane", { proxy: proxyId, error });
        socket.destroy();
      },
    );
  });
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  await chmod(path, 0o600);
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await rm(path, { force: true });
    },
  };
}
