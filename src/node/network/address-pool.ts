/** An IPv4 subnet, such as 172.26.64.0/20. */
export interface Subnet {
  readonly cidr: string;
  readonly prefixLength: number;
  /** The first address: the bridge's own. */
  readonly gateway: string;
  readonly first: number;
  readonly last: number;
}

/** Throws an error in words when the text is no subnet with room for a gateway and an allocation. */
export function parseSubnet(text: string): Subnet {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [a = 0, b = 0, c = 0, d = 0, prefixLength = 0] = (match ?? []).slice(1).map(Number);
  if (match === null || Math.max(a, b, c, d) > 255 || prefixLength < 8 || prefixLength > 30) {
    throw new Error(`"${text}" is not a subnet: write it as in 172.26.64.0/20, with 8 to 30 as the length`);
  }
  const size = 2 ** (32 - prefixLength);
  const network = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  return {
    cidr: `${formatAddress(network)}/${prefixLength}`,
    prefixLength,
    gateway: formatAddress(network + 1),
    first: network + 2,
    last: network + size - 2,
  };
}

/**
 * Hands out the addresses of a subnet, going round it, so that one that was given back is not used again
 * while others may still send to it.
 */
export class AddressPool {
  readonly #subnet: Subnet;
  readonly #taken: Set<number>;
  #next: number;

  constructor(subnet: Subnet, taken: readonly string[]) {
    this.#subnet = subnet;
    this.#taken = new Set(taken.map(parseAddress));
    this.#next = Math.max(subnet.first, ...[...this.#taken].map((address) => address + 1));
  }

  take(): string {
    const { cidr, first, last } = this.#subnet;
    for (let tries = first; tries <= last; tries++) {
      const address = this.#next > last ? first : this.#next;
      this.#next = address + 1;
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return formatAddress(address);
    }
    throw new Error(`all ${last - first + 1} addresses of ${cidr} are in use: give the node a larger subnet`);
  }

  giveBack(address: string): void {
    this.#taken.delete(parseAddress(address));
  }
}

function parseAddress(text: string): number {
  return text.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

function formatAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
