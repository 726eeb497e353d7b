import { readdir, readFile, readlink } from "node:fs/promises";

/** A socket on which something waits for others. */
export interface ListeningSocket {
  readonly protocol: "tcp" | "udp";
  /** As people write it: `127.0.0.1`, `::1`. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
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
