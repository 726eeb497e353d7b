import type { ApiClient } from "./api-client.ts";
import { CommandError } from "./command.ts";
import { resolveId } from "./resolve.ts";

/** The node that a user means: the named one, or with `self` that of the agent that is asked. */
export async function resolveNode(
  api: ApiClient,
  name: string | undefined,
  self: boolean,
  signal: AbortSignal,
): Promise<string> {
  if (name !== undefined) return resolveId(api, "node", name, signal);
  if (!self) throw new CommandError("name a node, or say -self for that of the agent");
  const { stats } = await api.get<{ stats: { client: { node_id: string } } }>("/v1/agent/self", { signal });
  return stats.client.node_id;
}
