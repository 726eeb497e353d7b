import type { Redirection } from "../network/redirection.ts";
import { locate, type ServicePlace } from "./service-place.ts";
import { sidecarPort } from "./sidecar.ts";

/** What the group's transparent proxy is sent; null without one. A group has one connect block at most then. */
export function groupRedirection(place: ServicePlace): Redirection | null {
  for (const service of place.group.Services) {
    const sidecar = service.Connect?.SidecarService;
    const proxy = sidecar?.Proxy?.TransparentProxy;
    if (!sidecar || !proxy) continue;
    const exposed = (sidecar.Proxy?.Expose?.Paths ?? []).map(({ ListenerPort }) => ListenerPort);
    const direct = [...exposed, ...plainPorts(place), ...proxy.ExcludeInboundPorts].map(
      (label) => locate(place, label, "auto").inside,
    );
    return {
      proxy,
      inboundPort: sidecarPort(place, service, sidecar).inside,
      directPorts: [...new Set(direct)].filter((port) => port > 0),
    };
  }
  return null;
}

/** Services that say themselves that they are not of the mesh are reached past it. */
function plainPorts({ group }: ServicePlace): string[] {
  const all = [...group.Services, ...group.Tasks.flatMap(({ Services }) => Services)];
  return all.filter(({ Connect }) => Connect === null).map(({ PortLabel }) => PortLabel);
}
