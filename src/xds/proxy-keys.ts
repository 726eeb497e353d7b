import type { EdgeGateway } from "#mesh/gateway/edge-gateway.ts";
import type { Outgoing } from "#mesh/mesh.ts";
import type { Sidecar } from "#mesh/sidecar.ts";
import { isHttpLike, type Protocol } from "#model/config-entry/protocol.ts";
import { chainClusters, hostClusters, type Reach, upstreamReach } from "./resources/chain-clusters.ts";
import { CALLERS } from "./resources/secrets.ts";
import {
  type AccessPlan,
  type CallersPlan,
  type CertificatePlan,
  clusterKeys,
  type HostRoutesPlan,
  keyOf,
  noKeys,
  type RoutesPlan,
  type SharedKeys,
} from "./shared-keys.ts";

export function sidecarKeys(sidecar: Sidecar, mesh: Outgoing): SharedKeys {
  const { service } = sidecar;
  const ruled = ruledProtocols(sidecar);
  const reached = [...sidecar.upstreams, ...sidecar.virtual].flatMap((upstream) => {
    const reach = upstreamReach(upstream, sidecar.settings.config.XdsFetchTimeoutMs);
    const clusters = chainClusters(upstream.chain, () => reach, mesh);
    return "hosts" in upstream ? [clusters, hostClusters(clusters, upstream.hosts)] : [clusters];
  });
  return {
    ...noKeys,
    ...clusterKeys(reached),
    callers: [keyOf({ name: CALLERS, service } satisfies CallersPlan)],
    access: ruled.map((protocol) => keyOf({ service, protocol } satisfies AccessPlan)),
    tokens: ruled.some(isHttpLike) ? [service] : [],
    routes: [...sidecar.upstreams, ...sidecar.virtual].flatMap(({ id, chain }) =>
      chain.Protocol === "tcp" ? [] : [keyOf({ id, chain } satisfies RoutesPlan)],
    ),
  };
}

/** A target that several listeners lead to is reached as the first of them says. */
export function edgeKeys({ listeners, upstreams, settings }: EdgeGateway, mesh: Outgoing): SharedKeys {
  const fetchTimeout = settings.config.XdsFetchTimeoutMs;
  const reached = upstreams.map(({ chain, limits }) =>
    chainClusters(chain, ({ Service }) => ({ ...unlimited, fetchTimeout, ...limits[Service] }), mesh),
  );
  const contents = listeners.flatMap(({ chains }) => chains.map(({ content }) => content));
  const routes = contents.flatMap((content) =>
    content.kind === "requests"
      ? [keyOf({ id: content.routes, hosts: content.hosts } satisfies HostRoutesPlan)]
      : [],
  );
  const certificates = listeners.flatMap(({ chains }) =>
    chains.flatMap(({ tls }) =>
      (tls?.certificates ?? []).flatMap((one) =>
        one.kind === "entry" ? [keyOf({ entry: one.entry, name: one.name } satisfies CertificatePlan)] : [],
      ),
    ),
  );
  return {
    ...noKeys,
    ...clusterKeys(reached),
    routes: [...new Set(routes)],
    certificates: [...new Set(certificates)],
  };
}

const unlimited: Reach = { fetchTimeout: null, limits: null, passiveHealthCheck: null, custom: "" };

/** A listener of the user's own may look at connections where the computed one looks at requests. */
function ruledProtocols({ inbound, settings }: Sidecar): readonly Protocol[] {
  return settings.config.EnvoyPublicListenerJSON === "" ? [inbound.protocol] : ["tcp", "http"];
}
