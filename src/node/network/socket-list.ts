import { closeSync, openSync } from "node:fs";
import { checked, libc, SystemError } from "../host/libc.ts";
import type { ListeningSocket } from "./sockets.ts";

/**
 * Lists what waits for others in one network namespace. The kernel is asked by sock_diag(7) for these sockets alone:
 * some microseconds for a list. The tables below /proc/net take it milliseconds, in which it walks through the
 * connections of the whole machine.
 */
export class SocketList implements Disposable {
  readonly #kernel: number;

  /** `namespace` is its path; null for the agent's own. */
  constructor(namespace: string | null) {
    this.#kernel = openKernel(namespace);
  }

  waiting(): ListeningSocket[] {
    return KINDS.flatMap((kind) => this.#ask(kind));
  }

  [Symbol.dispose](): void {
    closeSync(this.#kernel);
  }

  #ask(kind: Kind): ListeningSocket[] {
    const request = requestOf(kind);
    checked(libc.send(this.#kernel, request, BigInt(request.length), 0), UNLISTED);
    const found: ListeningSocket[] = [];
    for (;;) {
      const size = checked(libc.recv(this.#kernel, room, BigInt(room.length), 0), UNLISTED);
      if (readMessages(room.subarray(0, size), kind, found) === "done") return found;
    }
  }
}

interface Kind {
  readonly protocol: ListeningSocket["protocol"];
  /** AF_INET or AF_INET6, IPPROTO_TCP or IPPROTO_UDP. */
  readonly codes: readonly [family: 2 | 10, protocol: 6 | 17];
  /** The kernel's number: TCP_LISTEN, or TCP_CLOSE, which stands for a UDP socket without peer. */
  readonly state: 10 | 7;
}

const KINDS: readonly Kind[] = [
  { protocol: "tcp", codes: [2, 6], state: 10 },
  { protocol: "tcp", codes: [10, 6], state: 10 },
  { protocol: "udp", codes: [2, 17], state: 7 },
  { protocol: "udp", codes: [10, 17], state: 7 },
];

/** Of sys/socket.h and linux/netlink.h. */
const [AF_NETLINK, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC, NETLINK_SOCK_DIAG] = [
  16, 2, 0o4000, 0o2000000, 4,
];
const CLONE_NEWNET = 0x4000_0000;

/**
 * A socket stays in the namespace in which it was made. Only this thread goes there, and nothing else happens on it
 * before it is back.
 */
function openKernel(namespace: string | null): number {
  if (namespace === null) return netlinkSocket();
  const own = openSync("/proc/thread-self/ns/net", "r");
  try {
    const other = openSync(namespace, "r");
    try {
      checked(libc.setns(other, CLONE_NEWNET), `setns ${namespace}`);
      try {
        return netlinkSocket();
      } finally {
        // An agent that is in the wrong namespace must do nothing more.
        if (libc.setns(own, CLONE_NEWNET) !== 0) process.abort();
      }
    } finally {
      closeSync(other);
    }
  } finally {
    closeSync(own);
  }
}

function netlinkSocket(): number {
  return checked(
    libc.socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG),
    "socket(AF_NETLINK)",
  );
}

const UNLISTED = "list sockets by sock_diag(7), for which the kernel needs its modules tcp_diag and udp_diag";

/** Bytes of struct nlmsghdr (netlink(7)) and of struct inet_diag_req_v2. */
const [HEADER, REQUEST] = [16, 56];
/** SOCK_DIAG_BY_FAMILY; NLM_F_REQUEST and NLM_F_DUMP. */
const [BY_FAMILY, DUMP] = [20, 0x301];
const [NLMSG_ERROR, NLMSG_DONE] = [2, 3];

/** The kernel's answers are no longer, and each is read before the next is asked for. */
const room = Buffer.alloc(64 * 1024);

function requestOf({ codes: [family, protocol], state }: Kind): Buffer {
  const request = Buffer.alloc(HEADER + REQUEST);
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(BY_FAMILY, 4);
  request.writeUInt16LE(DUMP, 6);
  request[HEADER] = family;
  request[HEADER + 1] = protocol;
  request.writeUInt32LE(1 << state, HEADER + 4);
  return request;
}

/** The kernel's numbers are in the machine's order, which is little-endian wherever Envoy runs. */
function readMessages(messages: Buffer, kind: Kind, found: ListeningSocket[]): "done" | "more" {
  for (let at = 0; at < messages.length; ) {
    const [length, type] = [messages.readUInt32LE(at), messages.readUInt16LE(at + 4)];
    if (type === NLMSG_DONE) return "done";
    if (type === NLMSG_ERROR) throw new SystemError(UNLISTED, -messages.readInt32LE(at + HEADER));
    found.push(readSocket(messages.subarray(at + HEADER, at + length), kind));
    at += Math.ceil(length / 4) * 4;
  }
  return "more";
}

/** A struct inet_diag_msg; ports and addresses are in the network's order. */
function readSocket(message: Buffer, { protocol, codes: [family] }: Kind): ListeningSocket {
  const address = message.subarray(8, family === 2 ? 12 : 24);
  return {
    protocol,
    address: addressText(address),
    port: message.readUInt16BE(4),
    inode: String(message.readUInt32LE(68)),
  };
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
  return isMapped ? bytes.subarray(12).join(".") : shortened(bytes);
}

/** The URL parser knows how IPv6 addresses are shortened (RFC 5952). */
function shortened(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
