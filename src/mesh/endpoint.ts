import { BESIDE, type HealthCheck, type ServiceInstance, worstStatus } from "#model/catalog.ts";

/** Where one instance of a service takes connections from the mesh. */
export interface Endpoint {
  readonly id: string;
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly healthy: boolean;
  /** Its share among the others, 1 to 65535. */
  readonly weight: number;
  /** Where those on the same node reach it, past the node's map of ports; null for no other place. */
  readonly beside: { readonly address: string; readonly port: number } | null;
}

/**
 * Instances that fail their checks stay in the list, as unhealthy: their connections end by themselves and
 * are not cut. `checks` are those of the proxy and of the instance that it stands before. With `onlyPassing`, an
 * instance with a warning is unhealthy too.
 */
export function endpointOf(
  proxy: ServiceInstance,
  checks: readonly HealthCheck[],
  onlyPassing: boolean = false,
): Endpoint {
  const status = worstStatus(checks);
  const beside = proxy.TaggedAddresses?.[BESIDE];
  return {
    id: proxy.ID,
    node: proxy.Node,
    address: proxy.Address,
    port: proxy.Port,
    healthy: status === "passing" || (status === "warning" && !onlyPassing),
    weight: Math.max(1, status === "warning" ? proxy.Weights.Warning : proxy.Weights.Passing),
    beside: beside === undefined ? null : { address: beside.Address, port: beside.Port },
  };
}

/** As they are reached from a node. */
export function seenFrom(node: string, endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.map((one) => (one.node === node ? { ...one, ...one.beside } : one));
}

export function sameEndpoints(before: readonly Endpoint[], after: readonly Endpoint[]): boolean {
  return before.length === after.length && before.every((one, i) => sameEndpoint(one, after[i]));
}

function sameEndpoint(a: Endpoint, b: Endpoint | undefined): boolean {
  return (
    b !== undefined &&
    a.id === b.id &&
    a.node === b.node &&
    a.address === b.address &&
    a.port === b.port &&
    a.healthy === b.healthy &&
    a.weight === b.weight &&
    a.beside?.address === b.beside?.address &&
    a.beside?.port === b.beside?.port
  );
}
