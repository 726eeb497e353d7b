import type { NodeAccess } from "#api/context.ts";
import type { AllocationId, NodeId } from "#model/id.ts";
import { RefusedError } from "#server/refused-error.ts";
import type { Server } from "#server/server.ts";
import { allocations, nodes } from "#server/tables.ts";
import { remoteExec } from "./remote-exec.ts";
import { RpcClient } from "./rpc-client.ts";

/** Milliseconds for a file to be read to its end. */
const READING = 600_000;

export interface LocalNode {
  readonly id: NodeId;
  readonly access: NodeAccess;
}

/** What is asked of an allocation goes to the node that runs it: the one in this process, or one elsewhere. */
export class RoutedAccess implements NodeAccess {
  readonly #server: Server;
  readonly #local: LocalNode | null;
  readonly #token: string;
  readonly #clients = new Map<string, RpcClient>();

  constructor(server: Server, local: LocalNode | null, token: string) {
    this.#server = server;
    this.#local = local;
    this.#token = token;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  logs: NodeAccess["logs"] = (allocation, task, options) => {
    const place = this.#placeOf(allocation);
    if (place.kind === "here") return place.access.logs(allocation, task, options);
    const { signal, ...reading } = options;
    return decoded(place.rpc.stream<string>("logs", [allocation, task, reading], signal));
  };

  exec: NodeAccess["exec"] = async (allocation, task, options) => {
    const place = this.#placeOf(allocation);
    if (place.kind === "here") return place.access.exec(allocation, task, options);
    return remoteExec(place.rpc, allocation, task, options);
  };

  files: NodeAccess["files"] = (allocation) => {
    const place = this.#placeOf(allocation);
    if (place.kind === "here") return place.access.files(allocation);
    const { rpc } = place;
    const over = AbortSignal.timeout(READING);
    return {
      list: (path) => rpc.call("list", allocation, path),
      stat: (path) => rpc.call("stat", allocation, path),
      read: (path, offset, limit) =>
        decoded(rpc.stream<string>("read", [allocation, path, offset, limit ?? null], over)),
      follow: (path, offset, signal) =>
        decoded(rpc.stream<string>("follow", [allocation, path, offset], signal)),
    };
  };

  restart: NodeAccess["restart"] = (...args) => this.#call("restart", args);
  signal: NodeAccess["signal"] = (...args) => this.#call("signal", args);
  stats: NodeAccess["stats"] = (...args) => this.#call("stats", args);
  proxyAdmin: NodeAccess["proxyAdmin"] = (...args) => this.#call("proxyAdmin", args);
  checkTold: NodeAccess["checkTold"] = (update) => this.#local?.access.checkTold(update);

  #call<Result>(
    name: "restart" | "signal" | "stats" | "proxyAdmin",
    args: readonly unknown[],
  ): Promise<Result> {
    const place = this.#placeOf(args[0] as AllocationId);
    if (place.kind === "elsewhere") return place.rpc.call<Result>(name, ...args);
    const method = place.access[name] as (...args: readonly unknown[]) => Promise<Result>;
    return method.apply(place.access, [...args]);
  }

  #placeOf(allocation: AllocationId) {
    const { state } = this.#server;
    const node = state.get(nodes, state.get(allocations, allocation)?.NodeID ?? "");
    if (this.#local !== null && (node === undefined || node.ID === this.#local.id)) {
      return { kind: "here", access: this.#local.access } as const;
    }
    if (node === undefined) throw new RefusedError("the node of the allocation is not known", "not found");
    const rpc = this.#clients.get(node.HTTPAddr) ?? new RpcClient([node.HTTPAddr], this.#token);
    this.#clients.set(node.HTTPAddr, rpc);
    return { kind: "elsewhere", rpc } as const;
  }
}

async function* decoded(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield Buffer.from(line, "base64");
}
