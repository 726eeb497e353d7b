import type { OutsideService, TerminatingGateway } from "#mesh/gateway/terminating-gateway.ts";
import type { Mesh } from "#mesh/mesh.ts";
import type { Resource } from "./resource.ts";
import { endpointsResource } from "./resources/endpoints.ts";
import { namedEndpoints, outsideCluster, outsideRoutes } from "./resources/gateway/outside-cluster.ts";
import { terminatingListener } from "./resources/gateway/terminating-listener.ts";
import { leafName, leafSecret } from "./resources/secrets.ts";

/** What a terminating gateway holds but the access rules; null until all certificates are made. */
export function terminatingResources(gateway: TerminatingGateway, mesh: Mesh): Resource[] | null {
  const leaves = gateway.services.map(({ link }) => leafOf(gateway.id, link.Name, mesh));
  if (leaves.includes(null)) return null;
  return [
    ...leaves.filter((leaf) => leaf !== null),
    ...gateway.addresses.map((at) => terminatingListener(at, gateway)),
    ...gateway.services.flatMap((service) => outsideResources(service, mesh)),
  ];
}

/** To the mesh, the gateway is the service outside. */
function leafOf(proxyId: string, service: string, mesh: Mesh): Resource | null {
  const leaf = mesh.certificates.leaf(proxyId, service);
  return leaf && leafSecret(leaf, leafName(service));
}

function outsideResources({ link, protocol, targets }: OutsideService, mesh: Mesh): Resource[] {
  return targets.flatMap((target) => {
    const endpoints = mesh.instances.outsideEndpoints(target);
    const plan = { target, link, protocol, named: namedEndpoints(endpoints, target) };
    return [
      outsideCluster(plan),
      ...(plan.named.length > 0 ? [] : [endpointsResource(target.name, endpoints)]),
      ...(protocol === "tcp" ? [] : [outsideRoutes(plan)]),
    ];
  });
}
