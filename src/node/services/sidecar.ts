import {
  BESIDE,
  type ExposedPath,
  type ProxyRegistration,
  type ServiceInstance,
  type UpstreamRegistration,
} from "#model/catalog.ts";
import type { BoundUpstream } from "#model/job/bound-upstreams.ts";
import type { SidecarService } from "#model/job/connect.ts";
import type { ExposePath, TransparentProxy } from "#model/job/proxy.ts";
import type { Service } from "#model/job/service.ts";
import { interpolate, interpolateValues } from "../environment/interpolation.ts";
import { outboundPort } from "../network/redirection.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { locate, type ServicePlace, type ServicePort } from "./service-place.ts";

/** The instance of the proxy beside `parent`, as Consul's users know it from their catalog. */
export function sidecarInstance(
  place: ServicePlace,
  service: Service,
  sidecar: SidecarService,
  parent: ServiceInstance,
  parentPort: ServicePort,
): ServiceInstance {
  const { allocation, references, upstreams } = place;
  const port = sidecarPort(place, service, sidecar);
  return {
    ...parent,
    ID: sidecarId(parent.ID),
    Service: `${parent.Service}-sidecar-proxy`,
    Kind: "connect-proxy",
    Tags: sidecar.Tags.length > 0 ? sidecar.Tags.map((tag) => interpolate(tag, references)) : parent.Tags,
    Meta: { ...parent.Meta, ...interpolateValues(sidecar.Meta, references) },
    Address: port.address,
    Port: port.port,
    // Those of the service lead past its proxy.
    TaggedAddresses:
      place.address === null ? {} : { [BESIDE]: { Address: place.address, Port: port.inside } },
    Proxy: {
      DestinationServiceName: parent.Service,
      DestinationServiceID: parent.ID,
      LocalServiceAddress: sidecar.Proxy?.LocalServiceAddress || "127.0.0.1",
      LocalServicePort: sidecar.Proxy?.LocalServicePort || parentPort.inside,
      ...transparency(sidecar.Proxy?.TransparentProxy ?? null),
      Config: {
        bind_address: "0.0.0.0",
        bind_port: port.inside,
        envoy_stats_tags: statsTags(allocation),
        ...sidecar.Proxy?.Config,
      },
      Upstreams: upstreams.filter((bound) => bound.service === service.Name).map(upstreamRegistration),
      Expose: {
        Paths: (sidecar.Proxy?.Expose?.Paths ?? []).map((path) =>
          exposedPath(place, path, parentPort.inside),
        ),
      },
    },
    ConnectNative: false,
  };
}

/** Connections are redirected to the port that the job says, whatever entries do. */
function transparency(proxy: TransparentProxy | null): Pick<ProxyRegistration, "Mode" | "TransparentProxy"> {
  if (proxy === null) return { Mode: "" };
  return {
    Mode: "transparent",
    TransparentProxy: { OutboundListenerPort: outboundPort(proxy), DialedDirectly: false },
  };
}

export function sidecarId(parentId: string): string {
  return `${parentId}-sidecar-proxy`;
}

/** Where other proxies reach this one: by a label that the job gives, or that of the port made for it. */
export function sidecarPort(place: ServicePlace, service: Service, sidecar: SidecarService): ServicePort {
  return locate(place, sidecar.Port || `connect-proxy-${service.Name}`, "auto");
}

/** Labels of every statistic of a proxy, `name=value` each. */
export function statsTags(allocation: AssignedAllocation): string[] {
  return [
    `nomad.group=${allocation.TaskGroup}`,
    `nomad.job=${allocation.JobID}`,
    `nomad.namespace=${allocation.Namespace}`,
    `nomad.alloc_id=${allocation.ID}`,
  ];
}

function upstreamRegistration({ upstream, bind }: BoundUpstream): UpstreamRegistration {
  return {
    DestinationType: upstream.DestinationType === "prepared_query" ? "prepared_query" : "service",
    DestinationName: upstream.DestinationName,
    DestinationPeer: upstream.DestinationPeer,
    Datacenter: upstream.Datacenter,
    LocalBindAddress: bind.kind === "port" ? bind.address : "",
    LocalBindPort: bind.kind === "port" ? bind.port : 0,
    LocalBindSocketPath: bind.kind === "socket" ? bind.path : "",
    LocalBindSocketMode: upstream.LocalBindSocketMode,
    Config: upstream.Config,
    ...(upstream.MeshGateway && { MeshGateway: upstream.MeshGateway }),
  };
}

/** The proxy listens at the port inside the namespace; the label's port on the host leads there. */
function exposedPath(place: ServicePlace, path: ExposePath, servicePort: number): ExposedPath {
  return {
    Path: path.Path,
    Protocol: path.Protocol === "http2" ? "http2" : "http",
    LocalPathPort: path.LocalPathPort || servicePort,
    ListenerPort: locate(place, path.ListenerPort, "auto").inside,
  };
}
