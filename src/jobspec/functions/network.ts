import { isIP, isIPv4 } from "node:net";
import { FunctionError } from "../evaluate/function.ts";
import { stringType } from "../values/type.ts";
import { listValue, stringValue } from "../values/value.ts";
import { define, defineRest } from "./define.ts";

/** An address range: `bits` of the `width` bits of the address are fixed. */
interface Network {
  readonly address: bigint;
  readonly bits: number;
  readonly width: 32 | 128;
}

const mostNewBits = 32;

export const networkFunctions = {
  cidrhost: define({ prefix: "text", hostnum: "integer" }, ({ prefix, hostnum }) => {
    const { address, bits, width } = parseNetwork(prefix);
    const hosts = 1n << BigInt(width - bits);
    const number = hostnum < 0 ? hosts + BigInt(hostnum) : BigInt(hostnum);
    if (number < 0n || number >= hosts) {
      throw new FunctionError(`prefix of ${bits} does not accommodate a host numbered ${hostnum}`);
    }
    return stringValue(formatAddress(address + number, width));
  }),
  cidrnetmask: define({ prefix: "text" }, ({ prefix }) => {
    const { bits, width } = parseNetwork(prefix);
    return stringValue(formatAddress(mask(bits, width), width));
  }),
  cidrsubnet: define(
    { prefix: "text", newbits: "integer", netnum: "integer" },
    ({ prefix, newbits, netnum }) => {
      const network = parseNetwork(prefix);
      if (newbits > mostNewBits)
        throw new FunctionError(`may not extend prefix by more than ${mostNewBits} bits`, 1);
      const bits = network.bits + newbits;
      if (newbits < 0 || bits > network.width) {
        throw new FunctionError(
          `insufficient address space to extend prefix of ${network.bits} by ${newbits}`,
          1,
        );
      }
      if (netnum < 0 || netnum >= 2 ** newbits) {
        throw new FunctionError(
          `prefix extension of ${newbits} does not accommodate a subnet numbered ${netnum}`,
          2,
        );
      }
      const address = network.address + (BigInt(netnum) << BigInt(network.width - bits));
      return stringValue(formatNetwork({ address, bits, width: network.width }));
    },
  ),
  cidrsubnets: defineRest({ prefix: "text" }, ["newbits", "integer"], ({ prefix }, newbits) =>
    listValue(
      stringType,
      subnets(parseNetwork(prefix), newbits).map((subnet) => stringValue(formatNetwork(subnet))),
    ),
  ),
};

/** Subnets of the given sizes one behind another, each where its size lets it begin. */
function subnets(network: Network, newbits: readonly number[]): Network[] {
  const end = network.address + (1n << BigInt(network.width - network.bits));
  let next = network.address;
  return newbits.map((more, index) => {
    const bits = network.bits + more;
    if (more < 1) throw new FunctionError("must extend prefix by at least one bit", index + 1);
    if (more > mostNewBits)
      throw new FunctionError(`may not extend prefix by more than ${mostNewBits} bits`, index + 1);
    if (bits > network.width) {
      throw new FunctionError(
        `would extend prefix to ${bits} bits, which is too long for an IPv${network.width === 32 ? 4 : 6} address`,
        index + 1,
      );
    }
    const size = 1n << BigInt(network.width - bits);
    const address = ((next + size - 1n) / size) * size;
    if (address + size > end)
      throw new FunctionError(
        `not enough remaining address space for a subnet with a prefix of ${bits} bits`,
        index + 1,
      );
    next = address + size;
    return { address, bits, width: network.width };
  });
}

function mask(bits: number, width: number): bigint {
  return ((1n << BigInt(bits)) - 1n) << BigInt(width - bits);
}

function parseNetwork(text: string): Network {
  const [address = "", bits = "", ...rest] = text.split("/");
  const width = { 4: 32, 6: 128 }[isIP(address)] as 32 | 128 | undefined;
  if (
    width === undefined ||
    rest.length > 0 ||
    !/^\d{1,3}$/.test(bits) ||
    Number(bits) > width ||
    address.includes("%")
  ) {
    throw new FunctionError(
      `invalid CIDR expression: ${JSON.stringify(text.slice(0, 80))} is not an address and a prefix length such as "10.0.0.0/8"`,
      0,
    );
  }
  return { address: parseAddress(address) & mask(Number(bits), width), bits: Number(bits), width };
}

function parseAddress(text: string): bigint {
  if (isIPv4(text)) return text.split(".").reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
  const [head = "", tail] = text.split("::");
  const front = groups(head);
  const back = groups(tail ?? "");
  const middle = tail === undefined ? [] : new Array<bigint>(8 - front.length - back.length).fill(0n);
  return [...front, ...middle, ...back].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The groups of sixteen bits; the last two may be written as an IPv4 address. */
function groups(text: string): bigint[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [BigInt(`0x${group}`)];
    const address = parseAddress(group);
    return [address >> 16n, address & 0xffffn];
  });
}

function formatNetwork({ address, bits, width }: Network): string {
  return `${formatAddress(address, width)}/${bits}`;
}

/** IPv6 in the form of RFC 5952: the longest run of zero groups is left out; an IPv4 address inside it as IPv4. */
function formatAddress(address: bigint, width: number): string {
  if (width === 128 && address >> 32n === 0xffffn) return formatAddress(address & 0xffffffffn, 32);
  const size = width === 32 ? 8 : 16;
  const parts = Array.from({ length: width / size }, (_, index) =>
    Number((address >> BigInt(width - size * (index + 1))) & ((1n << BigInt(size)) - 1n)),
  );
  if (width === 32) return parts.join(".");
  const text = parts.map((part) => part.toString(16)).join(":");
  const zeros = text
    .match(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g)
    ?.reduce((longest, run) => (run.length > longest.length ? run : longest));
  if (zeros === undefined) return text;
  const at = text.search(new RegExp(`(?<![0-9a-f])${zeros}(?![0-9a-f])`));
  return `${text.slice(0, at).replace(/:$/, "")}::${text.slice(at + zeros.length).replace(/^:/, "")}`;
}
