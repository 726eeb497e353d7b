import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { ConnectionLimitSchema } from "#envoy/extensions/filters/network/connection_limit/v3/connection_limit_pb.js";
import { pack } from "../resource.ts";
import { type FilterInit, filter } from "./filters.ts";

type ListenerInit = Exclude<MessageInitShape<typeof ListenerSchema>, Message>;

/** Closes connections beyond a number; 0 sets no limit. */
export function connectionLimit(maximum: number): FilterInit[] {
  if (maximum === 0) return [];
  const limit = pack(ConnectionLimitSchema, {
    statPrefix: "inbound_connection_limit",
    maxConnections: BigInt(maximum),
  });
  return [filter("envoy.filters.network.connection_limit", limit)];
}

/**
 * `exact_balance` shares a listener's connections evenly among Envoy's threads. An Envoy whose listener differs in
 * nothing else keeps the old way of balancing; with other metadata it makes the listener anew.
 */
export function exactBalance(mode: string): Pick<ListenerInit, "connectionBalanceConfig" | "metadata"> {
  if (mode !== "exact_balance") return {};
  return {
    connectionBalanceConfig: { balanceType: { case: "exactBalance", value: {} } },
    metadata: { filterMetadata: { yurt: { balance: mode } } },
  };
}
