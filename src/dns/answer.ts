import { isIPv4 } from "node:net";
import type { Answer } from "dns-packet";
import { parseName, type Question } from "./name.ts";

/** What names are answered from. */
export interface Directory {
  readonly datacenter: string;
  /** Healthy instances of a service. */
  instances(service: string): readonly Instance[];
  /** The address that stands for all instances of a service of the mesh, or of a peer's; null when it has none. */
  virtualAddress(service: string, peer: string): string | null;
  nodeAddress(node: string): string | null;
}

export interface Instance {
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly weight: number;
}

export type Result =
  | {
      readonly kind: "answered";
      readonly answers: readonly Answer[];
      readonly additionals: readonly Answer[];
    }
  | { readonly kind: "no such name" }
  | { readonly kind: "datacenter"; readonly datacenter: string }
  /** The name is not ours: somebody else knows it. */
  | { readonly kind: "elsewhere" };

/** Seconds. Instances come and go: nobody should keep an answer. */
const TTL = 0;

/** Answers one question from the directory. A pure function; the order of instances is left to the caller. */
export function answer(directory: Directory, name: string, type: string): Result {
  const question = parseName(name);
  if (question === null) return { kind: "elsewhere" };
  if (question.kind === "virtual" && question.peer !== null && question.peer !== directory.datacenter) {
    const address = directory.virtualAddress(question.service, question.peer);
    if (address !== null || question.datacenter === null) return addressAnswer(name, type, address);
  }
  if (
    "datacenter" in question &&
    question.datacenter !== null &&
    question.datacenter !== directory.datacenter
  ) {
    return { kind: "datacenter", datacenter: question.datacenter };
  }
  switch (question.kind) {
    case "service":
      return serviceAnswer(directory, name, type, question);
    case "virtual":
      return addressAnswer(name, type, directory.virtualAddress(question.service, ""));
    case "node":
      return addressAnswer(name, type, directory.nodeAddress(question.node));
    case "address":
      return addressAnswer(name, type, question.address);
    case "unknown":
      return { kind: "no such name" };
  }
}

function serviceAnswer(
  directory: Directory,
  name: string,
  type: string,
  { service, tag }: Extract<Question, { kind: "service" }>,
): Result {
  const found = directory.instances(service).filter(({ tags }) => tag === null || tags.includes(tag));
  if (found.length === 0) return { kind: "no such name" };
  if (type === "SRV") return srvAnswer(directory, name, found);
  const addresses = new Set(found.map(({ address }) => address));
  const answers = [...addresses].flatMap((address) => addressRecords(name, type, address));
  return { kind: "answered", answers, additionals: [] };
}

function srvAnswer(directory: Directory, name: string, found: readonly Instance[]): Result {
  const records = found.map(({ node, address, port, weight }) => {
    const target =
      address === directory.nodeAddress(node) ? nodeName(node, directory) : addressName(address, directory);
    return {
      answer: { type: "SRV" as const, name, ttl: TTL, data: { priority: 1, weight, port, target } },
      additionals: addressRecords(target, "ANY", address),
    };
  });
  const additionals = new Map(
    records.flatMap((record) => record.additionals.map((one) => [JSON.stringify(one), one])),
  );
  return {
    kind: "answered",
    answers: records.map((record) => record.answer),
    additionals: [...additionals.values()],
  };
}

const nodeName = (node: string, { datacenter }: Directory) => `${node}.node.${datacenter}.consul`;

/** An address as a name, in hexadecimal, as Consul writes it. */
function addressName(address: string, { datacenter }: Directory): string {
  const hex = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return `${hex.join("")}.addr.${datacenter}.consul`;
}

function addressAnswer(name: string, type: string, address: string | null): Result {
  if (address === null) return { kind: "no such name" };
  return { kind: "answered", answers: addressRecords(name, type, address), additionals: [] };
}

function addressRecords(name: string, type: string, address: string): Answer[] {
  const own = isIPv4(address) ? "A" : "AAAA";
  return type === own || type === "ANY" ? [{ type: own, name, ttl: TTL, data: address }] : [];
}
