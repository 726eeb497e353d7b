import { parseSubnet } from "#node/network/address-pool.ts";
import { NodeAgent } from "#node/node-agent.ts";
import type { ServerLink } from "#node/server-link.ts";

import { nodeMethods } from "./link/node-methods.ts";
import { remoteLink } from "./link/remote-link.ts";
import { RpcClient } from "./link/rpc-client.ts";
import { RpcServer } from "./link/rpc-server.ts";
import type { AgentOptions } from "./options.ts";

/** A node whose servers are in other processes: it calls them, and they call it. */
export async function startClient(
  options: AgentOptions,
  dataDir: string,
  envoy: string | null,
  token: string,
  closing: (() => Promise<void>)[],
): Promise<void> {
  const { log, bind, rpcPort } = options;
  const rpc = new RpcClient(options.servers, token);
  closing.push(async () => rpc.close());
  const node = await startNode(
    { ...options, httpPort: rpcPort },
    dataDir,
    envoy,
    remoteLink(rpc, log.named("link")),
  );
  closing.push(() => node.stop({ leaveRunning: false }));
  const door = await RpcServer.start(bind, rpcPort, token, nodeMethods(node.access), log.named("rpc"));
  closing.push(() => door.close());
}

export function startNode(
  options: AgentOptions,
  dataDir: string,
  envoy: string | null,
  link: ServerLink,
): Promise<NodeAgent> {
  return NodeAgent.start({
    ...{ name: options.name, datacenter: options.datacenter },
    ...{ nodePool: options.nodePool, nodeClass: options.nodeClass },
    meta: { ...proxyImages(options), ...options.meta },
    ...{ bridge: options.bridgeName, subnet: options.bridgeSubnet },
    // In dev mode services are at the bridge: reached from here and from namespaces, and from nowhere else.
    address: options.dev ? parseSubnet(options.bridgeSubnet).gateway : null,
    httpAddress: `${options.bind}:${options.httpPort}`,
    dataFolder: dataDir,
    envoyBinary: envoy ?? "envoy",
    hostVolumes: options.hostVolumes,
    docker: options.docker,
    link,
    log: options.log.named("client"),
  });
}

function proxyImages({ sidecarImage: image }: AgentOptions): Record<string, string> {
  return image === null ? {} : { "connect.sidecar_image": image, "connect.gateway_image": image };
}
