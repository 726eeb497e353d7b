import { createHash } from "node:crypto";
import type { ServiceCheck } from "#model/job/check.ts";
import type { SidecarService } from "#model/job/connect.ts";
import type { NetworkResource } from "#model/job/network.ts";
import { type ExposePath, expose, exposePath, proxy } from "#model/job/proxy.ts";
import type { Service } from "#model/job/service.ts";
import { canonical } from "#model/schema/canonical.ts";

const GRPC_HEALTH = "/grpc.health.v1.Health/Check";

/**
 * Lets the checks of a service with `expose = true` reach its task through its proxy: each gets a port of its own,
 * unless it names one, at which the proxy serves the path of the check to everyone.
 */
export function withExposedChecks(
  service: Service,
  sidecar: SidecarService,
  network: NetworkResource,
): { readonly service: Service; readonly ports: readonly string[] } {
  const exposed = service.Checks.filter(({ Expose }) => Expose);
  if (exposed.length === 0) return { service, ports: [] };
  const checks = service.Checks.map((check) =>
    check.Expose ? { ...check, PortLabel: check.PortLabel || portLabel(service, check) } : check,
  );
  const localPort = localPortOf(service, network);
  const paths = checks.flatMap((check) => (check.Expose ? [pathOf(check, localPort)] : []));
  return {
    service: {
      ...service,
      Checks: checks,
      Connect: service.Connect && { ...service.Connect, SidecarService: withPaths(sidecar, paths) },
    },
    ports: paths.map(({ ListenerPort }) => ListenerPort),
  };
}

/** The same for the same check, however often its job is admitted. */
function portLabel({ Name }: Service, check: ServiceCheck): string {
  const { Name: name, Type, Path, Method, Protocol, Interval } = check;
  const hash = createHash("sha256").update(
    JSON.stringify([Name, name, Type, Path, Method, Protocol, Interval]),
  );
  return `svc_${Name}_ck_${hash.digest("hex").slice(0, 6)}`;
}

function pathOf({ Type, Path, PortLabel }: ServiceCheck, localPort: number): ExposePath {
  const isGrpc = Type === "grpc";
  return canonical(exposePath, {
    Path: Path || (isGrpc ? GRPC_HEALTH : "/"),
    Protocol: isGrpc ? "http2" : "http",
    LocalPathPort: localPort,
    ListenerPort: PortLabel,
  });
}

/** 0 where only the node will know it: it is then the port of the service. */
function localPortOf({ PortLabel }: Service, { ReservedPorts, DynamicPorts }: NetworkResource): number {
  if (/^\d+$/.test(PortLabel)) return Number(PortLabel);
  const port = [...ReservedPorts, ...DynamicPorts].find(({ Label }) => Label === PortLabel);
  if (port === undefined) return 0;
  return port.To > 0 ? port.To : port.Value;
}

function withPaths(sidecar: SidecarService, paths: readonly ExposePath[]): SidecarService {
  const known = sidecar.Proxy?.Expose?.Paths ?? [];
  const isKnown = ({ Path, ListenerPort }: ExposePath) =>
    known.some((each) => each.Path === Path && each.ListenerPort === ListenerPort);
  const all = [...known, ...paths.filter((path) => !isKnown(path))];
  return {
    ...sidecar,
    Proxy: { ...(sidecar.Proxy ?? canonical(proxy, {})), Expose: { ...canonical(expose, {}), Paths: all } },
  };
}
