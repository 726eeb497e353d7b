import type { NameSource } from "#dns/respond.ts";
import { DnsServer } from "#dns/server.ts";
import type { Log } from "#model/log.ts";
import { parseSubnet } from "#node/network/address-pool.ts";
import type { Federation } from "#server/datacenters/federation.ts";
import type { Server } from "#server/server.ts";
import { directoryOf } from "./directory.ts";
import type { AgentOptions } from "./options.ts";

/** Consul's port for names. */
const DNS_PORT = 8600;

interface DnsOptions {
  readonly address: string;
  /** Null for the usual one, which another agent may have: then this one answers no names. */
  readonly port: number | null;
  readonly askDatacenter: NameSource["askDatacenter"];
  readonly log: Log;
}

/** On the host, and for tasks in namespaces at the bridge. */
export async function answerNames(
  server: Server,
  federation: Federation | null,
  { bind, bridgeSubnet, dnsPort, log, role }: AgentOptions,
  closing: (() => Promise<void>)[],
): Promise<void> {
  if (dnsPort === -1) return;
  const { gateway } = parseSubnet(bridgeSubnet);
  // A server alone has no bridge.
  const atBridge = role === "server" ? [] : [[gateway, null] as const];
  for (const [address, port] of [[bind, dnsPort] as const, ...atBridge]) {
    const askDatacenter = async (datacenter: string, message: Buffer) => {
      const answer = await federation?.resolve(datacenter, message.toString("base64"));
      return answer ? Buffer.from(answer, "base64") : null;
    };
    const dns = await startDns(server, { address, port, askDatacenter, log: log.named("dns") });
    if (dns !== null) closing.push(() => dns.close());
  }
}

/** Answers names such as `api.service.consul` and `api.virtual.consul`. Null where the usual port is taken. */
async function startDns(
  server: Server,
  { address, port, askDatacenter, log }: DnsOptions,
): Promise<DnsServer | null> {
  try {
    const directory = directoryOf(server);
    return await DnsServer.start({ directory, askDatacenter, address, port: port ?? DNS_PORT, log });
  } catch (error) {
    if (port !== null)
      throw new Error(`-dns-port: ${error instanceof Error ? error.message : String(error)}`);
    log.warn("no names are answered there. Choose another port with -dns-port", {
      address,
      port: DNS_PORT,
      error,
    });
    return null;
  }
}
