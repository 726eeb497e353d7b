import type { TaskGroup } from "./group.ts";
import type { Port } from "./network.ts";
import type { Upstream } from "./proxy.ts";

/** An upstream of one of a group's services, with where its proxy listens for the tasks. */
export interface BoundUpstream {
  readonly service: string;
  readonly upstream: Upstream;
  readonly bind:
    | { readonly kind: "port"; readonly address: string; readonly port: number }
    | { readonly kind: "socket"; readonly path: string };
}

/** The first port that is given to an upstream without one: next to those above. */
const FIRST_CHOSEN_PORT = 19_200;

/**
 * Every upstream of the group. One without a port gets the first that nothing else of the group uses; the
 * choice follows from the job and the ports alone, so it is the same whenever it is made.
 */
export function boundUpstreams(group: TaskGroup, ports: readonly Pick<Port, "To">[]): BoundUpstream[] {
  const declared = group.Services.flatMap((service) =>
    (service.Connect?.SidecarService?.Proxy?.Upstreams ?? []).map((upstream) => ({
      service: service.Name,
      upstream,
    })),
  );
  const taken = new Set([
    ...ports.map(({ To }) => To),
    ...declared.map(({ upstream }) => upstream.LocalBindPort),
    ...group.Services.map(({ PortLabel }) => Number(PortLabel)),
    ...group.Services.map(({ Connect }) => Connect?.SidecarService?.Proxy?.LocalServicePort ?? 0),
  ]);
  let next = FIRST_CHOSEN_PORT;
  const choose = () => {
    while (taken.has(next)) next++;
    return next++;
  };
  return declared.map((each) => ({ ...each, bind: bindOf(each.upstream, choose) }));
}

function bindOf(upstream: Upstream, choosePort: () => number): BoundUpstream["bind"] {
  if (upstream.LocalBindSocketPath !== "") return { kind: "socket", path: upstream.LocalBindSocketPath };
  const address = upstream.LocalBindAddress || "127.0.0.1";
  return { kind: "port", address, port: upstream.LocalBindPort || choosePort() };
}

/** `NOMAD_UPSTREAM_…` of every upstream, under its name as it is and with only letters, digits and `_`. */
export function upstreamVariables(upstreams: readonly BoundUpstream[]): Record<string, string> {
  const entries = upstreams.flatMap(({ upstream: { DestinationName: name }, bind }) => {
    const values = valuesOf(bind);
    return [name, name.replaceAll(/\W/g, "_")].flatMap((suffix) =>
      Object.entries(values).map(([part, value]) => [`NOMAD_UPSTREAM_${part}_${suffix}`, value]),
    );
  });
  return Object.fromEntries(entries);
}

function valuesOf(bind: BoundUpstream["bind"]): Record<"ADDR" | "IP" | "PORT", string> {
  if (bind.kind === "socket") return { ADDR: `unix:${bind.path}`, IP: "", PORT: "0" };
  const host = bind.address.includes(":") ? `[${bind.address}]` : bind.address;
  return { ADDR: `${host}:${bind.port}`, IP: bind.address, PORT: String(bind.port) };
}
