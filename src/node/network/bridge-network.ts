import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AllocationId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import { pause } from "#model/pulse.ts";
import { Batches } from "../host/batches.ts";
import { command } from "../host/command.ts";
import { unmountBelow } from "../host/mounts.ts";
import { AddressPool, parseSubnet, type Subnet } from "./address-pool.ts";
import { giveUpBridge, joinHost, leaveHost, NAMESPACES } from "./host-settings.ts";
import {
  addPorts,
  installRules,
  type PortMap,
  type RuleNames,
  removePorts,
  removeRules,
} from "./packet-rules.ts";

export interface BridgeOptions {
  /** At most 15 characters, as for every network interface. */
  readonly bridge: string;
  /** Such as 172.26.64.0/20. */
  readonly subnet: string;
  readonly dataFolder: string;
  readonly log: Log;
}

/** A port of the host and the one inside a namespace that it leads to. */
export interface MappedPort {
  readonly host: number;
  readonly inside: number;
}

/** The network of one allocation: all that is needed to find it again, and to take it away. */
export interface AllocationNetwork {
  readonly allocation: AllocationId;
  readonly address: string;
  readonly ports: readonly MappedPort[];
}

/** A namespace that is there. */
export interface Attachment {
  /** Resolves when it has its address and its ports lead to it: then something may run in it. */
  readonly connected: Promise<void>;
}

/** The interface inside every namespace. */
export const INTERFACE = "eth0";

export function namespaceOf(allocation: AllocationId): string {
  return join(NAMESPACES, allocation);
}

/**
 * The bridge that joins the allocations of a node, and their network namespaces. Everything on the host is
 * named after the bridge or after an allocation, so that what an agent that was killed has left is found.
 */
export class BridgeNetwork {
  readonly #options: BridgeOptions;
  readonly #names: RuleNames;
  readonly #subnet: Subnet;
  readonly #addresses: AddressPool;
  /** Of several allocations that come or go at a time, all is done by one program each. */
  readonly #mapping = new Batches<PortMap>((ports) => addPorts(this.#names, ports));
  readonly #unmapping = new Batches<PortMap>((ports) => removePorts(this.#names, ports));
  readonly #making = new Batches<readonly string[]>(async (lines) => {
    await batch([], lines.flat());
  });

  private constructor(options: BridgeOptions, subnet: Subnet, kept: readonly AllocationNetwork[]) {
    this.#options = options;
    this.#subnet = subnet;
    this.#names = { bridge: options.bridge, subnet: subnet.cidr };
    this.#addresses = new AddressPool(
      subnet,
      kept.map(({ address }) => address),
    );
  }

  /**
   * Makes the bridge and its rules, or takes over those that are there. `kept` are the networks that an
   * agent before this one made and that are still wanted; all others on the bridge are taken away.
   */
  static async open(options: BridgeOptions, kept: readonly AllocationNetwork[]): Promise<BridgeNetwork> {
    const network = new BridgeNetwork(options, parseSubnet(options.subnet), kept);
    const before = await joinHost(options.bridge, options.dataFolder);
    try {
      if (before !== null && before.dataFolder !== options.dataFolder) await unmountBelow(before.dataFolder);
      await network.#openBridge();
      const ports = kept.flatMap((allocation) => portMaps(allocation));
      await installRules(network.#names, ports);
      await network.#removeStrangers(kept);
      return network;
    } catch (error) {
      await leaveHost(options.bridge);
      throw error;
    }
  }

  /** The host's address on the bridge. */
  get gateway(): string {
    return this.#subnet.gateway;
  }

  /** Chooses an address; nothing is made on the host yet. */
  reserve(allocation: AllocationId, ports: readonly MappedPort[]): AllocationNetwork {
    return { allocation, address: this.#addresses.take(), ports };
  }

  /**
   * Makes the namespace, unless it is there as it should be, and maps its ports. `holder` is a process whose
   * namespace it shall be; null for a new one. Resolves when there is one that containers can be made in.
   */
  async attach(network: AllocationNetwork, holder: number | null): Promise<Attachment> {
    const mapped = all(portMaps(network).map((port) => this.#mapping.add(port)));
    try {
      const isThere =
        (await hasAddress(network.allocation, network.address)) &&
        (await isHeldBy(network.allocation, holder));
      if (!isThere) await this.#make(network.allocation, holder);
      return { connected: all([mapped, ...(isThere ? [] : [this.#giveAddress(network)])]) };
    } catch (error) {
      await Promise.allSettled([mapped]);
      throw error;
    }
  }

  /** Takes the namespace and its ports away. Processes that are left in it lose their network. */
  async detach(network: AllocationNetwork): Promise<void> {
    await Promise.all(portMaps(network).map((port) => this.#unmapping.add(port)));
    await removeNamespace(network.allocation);
    this.#addresses.giveBack(network.address);
  }

  /** Leaves everything to the next agent. */
  leave(): Promise<void> {
    return giveUpBridge(this.#options.bridge);
  }

  /** Leaves the host as it was. Allocations must have been detached before. */
  async close(): Promise<void> {
    await removeRules(this.#names);
    await command("ip", ["link", "del", this.#options.bridge]);
    await leaveHost(this.#options.bridge);
  }

  async #openBridge(): Promise<void> {
    const { bridge } = this.#options;
    const { gateway, prefixLength } = this.#subnet;
    if (!existsSync(`/sys/class/net/${bridge}`))
      await command("ip", ["link", "add", bridge, "type", "bridge"]);
    await batch(
      [],
      [
        `link set ${bridge} address ${hardwareAddress(gateway)}`,
        `addr replace ${gateway}/${prefixLength} dev ${bridge}`,
        `link set ${bridge} up`,
      ],
    );
    // Without it the kernel drops what the host sends to a namespace from 127.0.0.1.
    await writeFile(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, "1");
  }

  async #make(allocation: AllocationId, holder: number | null): Promise<void> {
    const outside = interfaceOf(allocation);
    for (let attempt = 1; ; attempt++) {
      await removeNamespace(allocation);
      try {
        return await this.#making.add([
          holder === null ? `netns add ${allocation}` : `netns attach ${allocation} ${holder}`,
          `link add ${outside} type veth peer name ${INTERFACE} netns ${allocation}`,
          `link set ${outside} master ${this.#options.bridge} up`,
          // A mapped port may lead a namespace back to itself.
          `link set ${outside} type bridge_slave hairpin on`,
        ]);
      } catch (error) {
        // A command that an agent had given before it was killed may still have been at the same work.
        if (attempt === MAKE_ATTEMPTS) throw error;
        await pause(MAKE_PAUSE * attempt);
      }
    }
  }

  async #giveAddress({ allocation, address }: AllocationNetwork): Promise<void> {
    await batch(
      ["-n", allocation],
      [
        "link set lo up",
        `addr replace ${address}/${this.#subnet.prefixLength} dev ${INTERFACE}`,
        `link set ${INTERFACE} up`,
        `route replace default via ${this.#subnet.gateway}`,
      ],
    );
  }

  /** What is on the bridge and belongs to no allocation that the node knows. */
  async #removeStrangers(kept: readonly AllocationNetwork[]): Promise<void> {
    const known = new Set(kept.map(({ allocation }) => interfaceOf(allocation)));
    const listing = await command("ip", ["-j", "-d", "link", "show", "master", this.#options.bridge]);
    const links = JSON.parse(listing || "[]") as { ifname: string; link_netns?: string }[];
    for (const { ifname, link_netns } of links.filter(({ ifname }) => !known.has(ifname))) {
      this.#options.log.info("removing what an earlier agent has left", { interface: ifname });
      await command("ip", link_netns === undefined ? ["link", "del", ifname] : ["netns", "del", link_netns]);
    }
  }
}

const MAKE_ATTEMPTS = 3;
/** Milliseconds. */
const MAKE_PAUSE = 100;

/** Nobody may wait yet when one of them fails. */
function all(works: readonly Promise<unknown>[]): Promise<void> {
  const done = Promise.all(works).then(() => {});
  done.catch(() => {});
  return done;
}

function portMaps({ address, ports }: AllocationNetwork): PortMap[] {
  return ports.map(({ host, inside }) => ({ hostPort: host, address, port: inside }));
}

/**
 * A bridge without an address of its own has that of one of its ports. When that port goes, the gateway of all the
 * others is suddenly elsewhere: their connections to the outside stand still, or are reset.
 */
function hardwareAddress(gateway: string): string {
  const bytes = gateway.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return ["02", "42", ...bytes].join(":");
}

/** Names of interfaces have at most 15 characters. */
function interfaceOf(allocation: AllocationId): string {
  return `veth${allocation.replaceAll("-", "").slice(0, 11)}`;
}

function batch(options: readonly string[], lines: readonly string[]): Promise<string> {
  return command("ip", [...options, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

async function hasAddress(allocation: AllocationId, address: string): Promise<boolean> {
  if (!existsSync(namespaceOf(allocation))) return false;
  const listing = await command("ip", ["-n", allocation, "-4", "addr", "show", "dev", INTERFACE]).catch(
    () => "",
  );
  return listing.includes(` ${address}/`);
}

async function isHeldBy(allocation: AllocationId, holder: number | null): Promise<boolean> {
  if (holder === null) return true;
  const [own, held] = await Promise.all(
    [namespaceOf(allocation), `/proc/${holder}/ns/net`].map((path) => stat(path).catch(() => null)),
  );
  return own?.ino === held?.ino;
}

/** The kernel takes down what is in a namespace some time after it is gone; the link's outer end must go at once. */
async function removeNamespace(allocation: AllocationId): Promise<void> {
  const outside = interfaceOf(allocation);
  if (existsSync(`/sys/class/net/${outside}`)) {
    await command("ip", ["link", "del", outside]).catch((error: unknown) => {
      if (existsSync(`/sys/class/net/${outside}`)) throw error;
    });
  }
  if (existsSync(namespaceOf(allocation))) await command("ip", ["netns", "del", allocation]);
}
