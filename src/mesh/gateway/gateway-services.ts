import type { GatewaySurroundings } from "./surroundings.ts";
import { linksOf } from "./terminating-gateway.ts";

/** A service behind a gateway; Consul's shape of `/v1/catalog/gateway-services`. */
export interface GatewayService {
  readonly Gateway: { readonly Name: string };
  readonly Service: { readonly Name: string };
  readonly GatewayKind: "ingress-gateway" | "terminating-gateway";
  /** Of ingress gateways alone. */
  readonly Port?: number;
  readonly Protocol?: string;
  readonly Hosts?: readonly string[];
  /** Of terminating gateways alone. */
  readonly CAFile?: string;
  readonly CertFile?: string;
  readonly KeyFile?: string;
  readonly SNI?: string;
  readonly FromWildcard: boolean;
}

/** What the entries of a gateway's name put behind it, a wildcard as what it stands for. */
export function gatewayServices(gateway: string, mesh: GatewaySurroundings): GatewayService[] {
  return [...behindIngress(gateway, mesh), ...behindTerminating(gateway, mesh)];
}

function behindIngress(gateway: string, mesh: GatewaySurroundings): GatewayService[] {
  const listeners = mesh.entry("ingress-gateway", gateway)?.Listeners ?? [];
  return listeners.flatMap(({ Port, Protocol, Services }) => {
    const named = new Set(Services.map(({ Name }) => Name));
    return Services.flatMap(({ Name, Hosts }) => {
      const names =
        Name === "*"
          ? mesh.meshServices().filter((each) => !named.has(each) && mesh.protocol(each) === Protocol)
          : [Name];
      return names.map((service) => ({
        ...{ Gateway: { Name: gateway }, Service: { Name: service } },
        ...{ GatewayKind: "ingress-gateway" as const, Port, Protocol, Hosts },
        FromWildcard: Name === "*",
      }));
    });
  });
}

function behindTerminating(gateway: string, mesh: GatewaySurroundings): GatewayService[] {
  const written = mesh.entry("terminating-gateway", gateway)?.Services ?? [];
  const named = new Set(written.map(({ Name }) => Name));
  return linksOf(gateway, mesh).map(({ Name, CAFile, CertFile, KeyFile, SNI }) => ({
    ...{ Gateway: { Name: gateway }, Service: { Name } },
    ...{ GatewayKind: "terminating-gateway" as const, CAFile, CertFile, KeyFile, SNI },
    FromWildcard: !named.has(Name),
  }));
}
