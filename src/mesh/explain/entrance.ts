import type { EdgeContent } from "../gateway/edge-gateway.ts";
import type { Mesh } from "../mesh.ts";
import type { Explanation } from "./explanation.ts";

/** Where clients outside call a gateway that leads to a service; null where none of that name does. */
export function entranceOf(mesh: Mesh, gateway: string, destination: string): Explanation["upstream"] {
  for (const { id, listeners } of mesh.gateways.edge(gateway)) {
    const listener = listeners.find(({ chains }) =>
      chains.some(({ content }) => leadsTo(content, destination)),
    );
    if (listener === undefined) continue;
    const { name, address, port } = listener;
    return { proxyId: id, bind: { kind: "port", address, port }, listener: `${name}:${address}:${port}` };
  }
  return null;
}

function leadsTo(content: EdgeContent, destination: string): boolean {
  const chains = content.kind === "connections" ? [content.chain] : content.hosts.map(({ chain }) => chain);
  return chains.some(
    ({ ServiceName, Targets }) =>
      ServiceName === destination || Object.values(Targets).some(({ Service }) => Service === destination),
  );
}
