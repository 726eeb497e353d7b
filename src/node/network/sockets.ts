import { closeSync, openSync, readSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";

/** A socket on which something waits for others. */
export interface ListeningSocket {
  readonly protocol: "tcp" | "udp";
  /** As people write it: `127.0.0.1`, `::1`. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

const TABLES = [
  { file: "tcp", protocol: "tcp" },
  { file: "tcp6", protocol: "tcp" },
  { file: "udp", protocol: "udp" },
  { file: "udp6", protocol: "udp" },
] as const;

/** How many sockets a network namespace has, by the table that lists them. */
export type SocketCounts = ReadonlyMap<(typeof TABLES)[number]["file"], number>;

/**
 * Tells at once whether there may be something new: the kernel keeps these numbers, whereas for each of the
 * tables of TCP it walks through the connections of the whole machine.
 */
export function socketCounts(pid: number | "self"): SocketCounts {
  const text = ["sockstat", "sockstat6"].map((file) => readAtOnce(`/proc/${pid}/net/${file}`)).join("");
  return new Map(
    TABLES.map(({ file }) => [
      file,
      Number(new RegExp(`^${file.toUpperCase()}: inuse (\\d+)`, "m").exec(text)?.[1] ?? 0),
    ]),
  );
}

const room = Buffer.alloc(4096);

/** Some microseconds, a third of what Node.js takes to read a whole file of any length. Empty when it is not there. */
function readAtOnce(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    return room.toString("latin1", 0, readSync(file, room));
  } catch {
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The kernel's numbers of the states: TCP_LISTEN, and TCP_CLOSE, which stands for a UDP socket without peer. */
const WAITING = { tcp: "0A", udp: "07" };

/** The waiting sockets in the network namespace of a process; none when the process is gone. */
export async function listeningSockets(
  pid: number | "self",
  counts?: SocketCounts,
): Promise<ListeningSocket[]> {
  const isEmpty = (file: (typeof TABLES)[number]["file"]) => counts?.get(file) === 0;
  const lists = await Promise.all(
    TABLES.filter(({ file }) => !isEmpty(file)).map(async ({ file, protocol }) => {
      const table = await readFile(`/proc/${pid}/net/${file}`, "utf8").catch(() => "");
      return parseSockets(table, protocol);
    }),
  );
  return lists.flat();
}

/** Reads a table as the kernel prints it (proc_pid_net(5)). */
export function parseSockets(table: string, protocol: ListeningSocket["protocol"]): ListeningSocket[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      if (state !== WAITING[protocol]) return [];
      const [address = "", port = ""] = local.split(":");
      return [{ protocol, address: parseAddress(address), port: Number.parseInt(port, 16), inode }];
    });
}

/** Words of four bytes in the machine's order, which is little-endian wherever Envoy runs. */
function parseAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    [...Buffer.from(word, "hex").reverse()].map(Number),
  );
  if (bytes.length === 4) return bytes.join(".");
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.slice(12).join(".") : shortened(bytes);
}

/** The URL parser knows how IPv6 addresses are shortened (RFC 5952). */
function shortened(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, group) =>
    ((bytes[group * 2] ?? 0) * 256 + (bytes[group * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** Whether what connects to `address` and `port` reaches one of the sockets. */
export function isListening(
  sockets: readonly ListeningSocket[],
  port: number,
  address: string | null = null,
): boolean {
  return sockets.some(
    (socket) =>
      socket.port === port && (address === null || [address, "0.0.0.0", "::"].includes(socket.address)),
  );
}

/** The command line of the process that holds a socket, looked for among `pids`; null when none does. */
export async function holderOf(inode: string, pids: readonly number[]): Promise<string | null> {
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    const files = await readdir(folder).catch(() => []);
    const links = await Promise.all(files.map((file) => readlink(`${folder}/${file}`).catch(() => "")));
    if (!links.includes(`socket:[${inode}]`)) continue;
    const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return words.replaceAll("\0", " ").trim();
  }
  return null;
}
