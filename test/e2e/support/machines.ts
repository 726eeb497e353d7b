import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "./yurt.ts";

/** A network of this machine alone, on which namespaces stand for machines. */
export interface Machines extends Disposable {
  /** The address of this machine on it. */
  readonly address: string;
  /** What all machines are joined by. */
  readonly bridge: string;
  add(name: string): Promise<Machine>;
}

export interface Machine {
  readonly address: string;
  /** What runs a program on it. */
  readonly enter: readonly string[];
  /** Takes it off the network, or back. */
  plug(isIn: boolean): void;
}

/** /sys shows the devices of the network namespace, and control groups as ever. */
const BOOT = `
groups=$(mktemp -d) && mount --rbind /sys/fs/cgroup "$groups" && mount -t sysfs sysfs /sys &&
mount --rbind "$groups" /sys/fs/cgroup && umount -l "$groups" && rmdir "$groups" && echo up && exec sleep infinity`;

/** A process that keeps a mount namespace of its own, for as long as the machine is there. */
async function boot(namespace: string): Promise<ChildProcess> {
  const words = [
    `--net=/run/netns/${namespace}`,
    "unshare",
    "--mount",
    "--propagation",
    "slave",
    "sh",
    "-c",
    BOOT,
  ];
  const keeper = spawn("nsenter", words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(keeper.stdout, "data");
  return keeper;
}

/** The number of a bridge that no other test of this machine has. */
function addBridge(number: number = process.pid % 250, tries: number = 250): number {
  const { status, stderr } = spawnSync("ip", ["link", "add", `ym${number}`, "type", "bridge"]);
  if (status === 0) return number;
  if (tries === 0) throw new Error(`no bridge can be made: ${stderr}`);
  return addBridge((number + 1) % 250, tries - 1);
}

export function machines(): Machines {
  const number = addBridge();
  const bridge = `ym${number}`;
  const added: string[] = [];
  const keepers: ChildProcess[] = [];
  const ip = (...words: readonly string[]) =>
    execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
  const address = `10.213.${number}.1`;
  ip("address", "add", `${address}/24`, "dev", bridge);
  ip("link", "set", bridge, "up");
  return {
    address,
    bridge,
    add: async (name) => {
      const namespace = `${bridge}-${name}`;
      const own = `10.213.${number}.${added.length + 2}`;
      const [outside, inside] = [`${bridge}v${added.length}`, `${bridge}p${added.length}`];
      added.push(namespace);
      ip("netns", "add", namespace);
      ip("link", "add", outside, "type", "veth", "peer", "name", inside);
      ip("link", "set", inside, "netns", namespace);
      ip("link", "set", outside, "master", bridge, "up");
      ip("-n", namespace, "link", "set", "lo", "up");
      ip("-n", namespace, "address", "add", `${own}/24`, "dev", inside);
      ip("-n", namespace, "link", "set", inside, "up");
      ip("-n", namespace, "route", "add", "default", "via", address);
      const keeper = await boot(namespace);
      keepers.push(keeper);
      const enter = ["nsenter", `--net=/run/netns/${namespace}`, `--mount=/proc/${keeper.pid}/ns/mnt`];
      const plug = (isIn: boolean) => ip("link", "set", outside, isIn ? "up" : "down");
      return { address: own, enter, plug };
    },
    [Symbol.dispose]: () => {
      for (const keeper of keepers) keeper.kill("SIGKILL");
      for (const namespace of added) ip("netns", "del", namespace);
      ip("link", "del", bridge);
    },
  };
}

export interface ClientAgent extends AsyncDisposable {
  readonly name: string;
  output(): string;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

export interface ClientOptions {
  readonly name: string;
  readonly servers: string;
  readonly tokenFile: string;
}

let count = 0;

/** A node agent in a process of its own, on a machine of its own. */
export async function startClient(machine: Machine, options: ClientOptions): Promise<ClientAgent> {
  const folder = mkdtempSync(join(tmpdir(), "yt-"));
  const number = (process.pid * 16 + 8 + count++) % 4096;
  const words = [
    ...["agent", "-client", "-node", options.name, "-data-dir", join(folder, "data")],
    ...["-servers", options.servers, "-join-token-file", options.tokenFile],
    ...["-bind", machine.address, "-rpc-port", "4647"],
    ...["-bridge-network-name", `yc${number}`, "-bridge-network-subnet", `172.29.${number % 256}.0/24`],
  ];
  let running = await launch(words, machine.enter);
  const kill = async (signal: NodeJS.Signals) => {
    if (running.child.exitCode !== null || running.child.signalCode !== null) return;
    const exit = once(running.child, "exit");
    running.child.kill(signal);
    await exit;
  };
  return {
    name: options.name,
    output: () => running.output(),
    kill,
    start: async () => {
      running = await launch(words, machine.enter);
    },
    [Symbol.asyncDispose]: async () => {
      await kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
