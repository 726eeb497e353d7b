import type { AllocationId } from "#model/id.ts";
import type { NodeAccess } from "#node/node-access.ts";
import { execTunnel } from "./remote-exec.ts";
import type { Methods } from "./rpc-server.ts";

type Arguments<Method extends keyof NodeAccess> = Parameters<NodeAccess[Method]>;

/** What a node lets the servers ask of its allocations. */
export function nodeMethods(access: NodeAccess): Methods {
  return {
    calls: {
      restart: (...args: Arguments<"restart">) => access.restart(...args),
      signal: (...args: Arguments<"signal">) => access.signal(...args),
      stats: (...args: Arguments<"stats">) => access.stats(...args),
      proxyAdmin: (...args: Arguments<"proxyAdmin">) => access.proxyAdmin(...args),
      list: (allocation: AllocationId, path: string) => access.files(allocation).list(path),
      stat: (allocation: AllocationId, path: string) => access.files(allocation).stat(path),
      checkTold: async (...args: Arguments<"checkTold">) => access.checkTold(...args),
    },
    streams: {
      logs: async function* (
        allocation: Arguments<"logs">[0],
        task: string,
        reading: Omit<Arguments<"logs">[2], "signal">,
        signal: AbortSignal,
      ) {
        yield* encoded(access.logs(allocation, task, { ...reading, signal }));
      },
      read: (allocation: AllocationId, path: string, offset: number, limit: number | null) =>
        encoded(access.files(allocation).read(path, offset, limit ?? undefined)),
      follow: (allocation: AllocationId, path: string, offset: number, signal: AbortSignal) =>
        encoded(access.files(allocation).follow(path, offset, signal)),
    },
    tunnels: { exec: async () => execTunnel(access) },
  };
}

/** Bytes as text, for lines of JSON. */
async function* encoded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const bytes of chunks) yield Buffer.from(bytes).toString("base64");
}
