import type { NodeAccess } from "#node/node-access.ts";
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
      checkTold: async (...args: Arguments<"checkTold">) => access.checkTold(...args),
    },
    streams: {
      logs: async function* (
        allocation: Arguments<"logs">[0],
        task: string,
        reading: Omit<Arguments<"logs">[2], "signal">,
        signal: AbortSignal,
      ) {
        for await (const bytes of access.logs(allocation, task, { ...reading, signal })) {
          yield Buffer.from(bytes).toString("base64");
        }
      },
    },
    tunnels: {},
  };
}
