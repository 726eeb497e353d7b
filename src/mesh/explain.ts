import type { ServiceInstance } from "#model/catalog.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import type { Row } from "#state/table.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Decision, decide } from "./intention-decision.ts";
import { type Intention, local as ownService } from "./intentions.ts";
import type { Mesh } from "./mesh.ts";
import { type Bind, listenerName, type Sidecar } from "./sidecar.ts";

/** The way that a request of one service to another would take, and what is decided on it. */
export interface Explanation {
  readonly source: string;
  readonly destination: string;
  /** As it was asked about; only HTTP-like protocols look at it. */
  readonly path: string;
  readonly protocol: Protocol;
  /** Where the source's tasks call; null when no instance of it has the destination as an upstream. */
  readonly upstream: { readonly proxyId: string; readonly bind: Bind; readonly listener: string } | null;
  readonly cluster: { readonly name: string; readonly serverName: string; readonly expects: string };
  readonly endpoints: readonly Endpoint[];
  readonly decision: Decision & { readonly because: string };
  /** Where the destination's proxies hand a request on. */
  readonly local: readonly { readonly proxyId: string; readonly address: string; readonly port: number }[];
  /** What would make the request fail, in order of the way. Empty when it would pass. */
  readonly obstacles: readonly string[];
}

/** Computed from the cells that configure the proxies; call it through `readOnce` or in an effect. */
export function explain(mesh: Mesh, source: string, destination: string, path: string): Explanation {
  const sources = mesh.proxiesOf(source).map((proxy) => ({ proxy, sidecar: mesh.sidecar(proxy.ID) }));
  const upstream = firstUpstream(sources, destination);
  const target = mesh.target(destination);
  const endpoints = mesh.endpoints(destination);
  const decision = decisionOf(mesh, source, destination, path);
  const local = mesh.proxiesOf(destination).flatMap(({ ID }) => {
    const inbound = mesh.sidecar(ID)?.inbound;
    return inbound === undefined
      ? []
      : [{ proxyId: ID, address: inbound.localAddress, port: inbound.localPort }];
  });
  return {
    source,
    destination,
    path,
    protocol: mesh.protocol(destination),
    upstream,
    cluster: { name: target.name, serverName: target.name, expects: target.uri },
    endpoints,
    decision: { ...decision, because: reason(decision, mesh.defaultPolicy) },
    local,
    obstacles: obstaclesOf(source, destination, sources.length > 0, upstream !== null, endpoints, decision),
  };
}

/** Of a GET without headers or tokens, where requests are seen. */
function decisionOf(mesh: Mesh, source: string, destination: string, path: string): Decision {
  const request = {
    method: "GET",
    path: path.split(/[?#]/)[0] ?? "",
    headers: new Map<string, string>(),
    tokens: new Map<string, object>(),
  };
  const seen = mesh.protocol(destination) === "tcp" ? null : request;
  return decide(mesh.intentions(destination), ownService(source), destination, seen, mesh.defaultPolicy);
}

function firstUpstream(
  sources: readonly { readonly proxy: Row<ServiceInstance>; readonly sidecar: Sidecar | null }[],
  destination: string,
): Explanation["upstream"] {
  for (const { proxy, sidecar } of sources) {
    const found = sidecar?.upstreams.find((upstream) => upstream.service === destination);
    if (found) return { proxyId: proxy.ID, bind: found.bind, listener: listenerName(found) };
  }
  return null;
}

function reason(decision: Decision, defaultPolicy: string): string {
  const { intention, overruled } = decision;
  if (intention === null) return `no intention matches, and the default policy is ${defaultPolicy}`;
  const name = `${pairOf(intention)} (${actionOf(intention, decision, defaultPolicy)}, precedence ${intention.precedence})`;
  const losers = overruled.map((other) => `${pairOf(other)} (${other.precedence})`);
  return losers.length === 0 ? name : `${name}, which is more exact than ${losers.join(" and ")}`;
}

const pairOf = ({ source, destination }: Intention) =>
  `${source.name}${source.peer === "" ? "" : ` of peer ${source.peer}`} => ${destination}`;

function actionOf({ action, permissions }: Intention, decision: Decision, defaultPolicy: string): string {
  const { permission, lacksToken } = decision;
  const token = lacksToken ? " with a token, which this request has not" : "";
  if (action !== "") return `${action}${token}`;
  if (permission === null) return `no permission matches, and the default policy is ${defaultPolicy}${token}`;
  return `${permissions[permission]?.Action}${token} by permission ${permission + 1} of ${permissions.length}`;
}

function obstaclesOf(
  source: string,
  destination: string,
  isSourceKnown: boolean,
  hasUpstream: boolean,
  endpoints: readonly Endpoint[],
  { allowed }: Decision,
): string[] {
  const healthy = endpoints.filter((endpoint) => endpoint.healthy).length;
  return [
    ...(isSourceKnown
      ? []
      : [`no proxy stands beside a service "${source}": nothing of it takes part in the mesh`]),
    ...(isSourceKnown && !hasUpstream
      ? [
          `"${source}" has no upstream "${destination}": add upstreams { destination_name = "${destination}" } to its proxy`,
        ]
      : []),
    ...(endpoints.length === 0 ? [`no instance of "${destination}" is registered with a proxy`] : []),
    ...(endpoints.length > 0 && healthy === 0
      ? [`none of the ${endpoints.length} instances of "${destination}" is healthy`]
      : []),
    ...(allowed ? [] : [`"${source}" may not reach "${destination}"`]),
  ];
}
