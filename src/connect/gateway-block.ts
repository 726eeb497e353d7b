import {
  type Gateway,
  type GatewayBindAddress,
  type GatewayProxy,
  gatewayProxy,
} from "#model/job/gateway.ts";
import type { NetworkResource } from "#model/job/network.ts";
import { type GatewayRole, lanPortLabel, type ProxyKind, roleOfGateway } from "#model/job/proxy-kind.ts";
import type { Service } from "#model/job/service.ts";
import { canonical } from "#model/schema/canonical.ts";
import { proxyName } from "./proxy-task.ts";

/** A gateway's service with what its block leaves to admission, and the labels of the ports that it needs. */
export function completedGateway(service: Service, gateway: Gateway, network: NetworkResource) {
  const kind: ProxyKind & { readonly role: GatewayRole } = {
    role: roleOfGateway(gateway),
    service: service.Name,
  };
  const ownPort = kind.role === "terminating" && service.PortLabel === "" ? proxyName(kind) : "";
  const proxy = completedProxy(gateway, kind.role, network);
  return {
    kind,
    ports:
      kind.role === "mesh" && isOwnNetwork(network)
        ? [lanPortLabel(service.Name)]
        : [ownPort].filter((label) => label !== ""),
    service: {
      ...service,
      PortLabel: service.PortLabel || ownPort,
      Connect: service.Connect && { ...service.Connect, Gateway: { ...gateway, Proxy: proxy } },
    },
  };
}

/** In a network of its own a gateway listens everywhere, unless its block says where. */
function completedProxy(gateway: Gateway, role: GatewayRole, network: NetworkResource): GatewayProxy {
  const proxy = gateway.Proxy ?? canonical(gatewayProxy, {});
  const isSaid =
    proxy.EnvoyGatewayNoDefaultBind ||
    proxy.EnvoyGatewayBindTaggedAddresses ||
    Object.keys(proxy.EnvoyGatewayBindAddresses).length > 0;
  if (isSaid || !isOwnNetwork(network) || role === "api") return proxy;
  return {
    ...proxy,
    EnvoyGatewayNoDefaultBind: true,
    EnvoyGatewayBindAddresses: Object.fromEntries(
      placesOf(gateway, role).map(([Name, Port]) => [
        Name,
        { Name, Address: "0.0.0.0", Port } satisfies GatewayBindAddress,
      ]),
    ),
  };
}

const isOwnNetwork = ({ Mode }: NetworkResource) => Mode === "bridge" || Mode.startsWith("cni/");

/** -1 is filled in on the node, which knows the ports. */
function placesOf(
  { Ingress }: Gateway,
  role: Exclude<GatewayRole, "api">,
): (readonly [name: string, port: number])[] {
  switch (role) {
    case "ingress":
      return (Ingress?.Listeners ?? []).flatMap(({ Port, Services }) =>
        Services.map(({ Name }) => [Name, Port] as const),
      );
    case "terminating":
      return [["default", -1]];
    case "mesh":
      return [
        ["wan", -1],
        ["lan", -1],
      ];
  }
}
