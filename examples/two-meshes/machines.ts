import { execFileSync } from "node:child_process";

/** Network namespaces that stand for machines, joined by a bridge. */
export interface Machines extends Disposable {
  add(name: string): Machine;
}

export interface Machine {
  readonly name: string;
  readonly address: string;
  /** What runs a program on it. */
  readonly enter: readonly string[];
}

/** /sys shows the devices of the namespace, and control groups as ever. */
const ENTER = `
groups=$(mktemp -d) && mount --rbind /sys/fs/cgroup "$groups" && mount -t sysfs sysfs /sys &&
mount --rbind "$groups" /sys/fs/cgroup && umount -l "$groups" && rmdir "$groups" && exec "$@"`;

export function machines(): Machines {
  const number = process.pid % 250;
  const bridge = `two${number}`;
  const added: string[] = [];
  const ip = (...words: readonly string[]) =>
    execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
  const gateway = `10.214.${number}.1`;
  ip("link", "add", bridge, "type", "bridge");
  ip("address", "add", `${gateway}/24`, "dev", bridge);
  ip("link", "set", bridge, "up");
  return {
    add: (name) => {
      const namespace = `${bridge}-${name}`;
      const address = `10.214.${number}.${added.length + 2}`;
      const [outside, inside] = [`${bridge}v${added.length}`, `${bridge}p${added.length}`];
      ip("netns", "add", namespace);
      added.push(namespace);
      ip("link", "add", outside, "type", "veth", "peer", "name", inside);
      ip("link", "set", inside, "netns", namespace);
      ip("link", "set", outside, "master", bridge, "up");
      ip("-n", namespace, "link", "set", "lo", "up");
      ip("-n", namespace, "address", "add", `${address}/24`, "dev", inside);
      ip("-n", namespace, "link", "set", inside, "up");
      ip("-n", namespace, "route", "add", "default", "via", gateway);
      const apart = ["unshare", "--mount", "--propagation", "slave", "sh", "-c", ENTER, "sh"];
      return { name, address, enter: ["nsenter", `--net=/run/netns/${namespace}`, ...apart] };
    },
    [Symbol.dispose]: () => {
      for (const namespace of added) ip("netns", "del", namespace);
      ip("link", "del", bridge);
    },
  };
}
