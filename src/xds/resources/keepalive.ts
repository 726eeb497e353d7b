import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TcpKeepaliveSchema } from "#envoy/config/core/v3/address_pb.js";
import type { SocketOptionSchema } from "#envoy/config/core/v3/socket_option_pb.js";

/** Seconds of silence, seconds between looks, and looks without an answer until the other machine counts as gone. */
const SILENCE = 60;
const INTERVAL = 10;
const LOOKS = 3;

/**
 * A request may be silent for ever, so the kernel looks whether the machine at the other end of a connection still
 * is there: else what was on the way when it lost its power would wait without end.
 */
export const keepalive: MessageInitShape<typeof TcpKeepaliveSchema> = {
  keepaliveTime: SILENCE,
  keepaliveInterval: INTERVAL,
  keepaliveProbes: LOOKS,
};

/** The same for a listener, whose connections inherit its options: numbers of Linux, socket(7) and tcp(7). */
export const listenerKeepalive: MessageInitShape<typeof SocketOptionSchema>[] = [
  option("SO_KEEPALIVE", 1, 9, 1),
  option("TCP_KEEPIDLE", 6, 4, SILENCE),
  option("TCP_KEEPINTVL", 6, 5, INTERVAL),
  option("TCP_KEEPCNT", 6, 6, LOOKS),
];

function option(description: string, level: number, name: number, value: number) {
  return {
    description,
    level: BigInt(level),
    name: BigInt(name),
    value: { case: "intValue" as const, value: BigInt(value) },
  };
}
