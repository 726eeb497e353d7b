import { type HealthCheck, type ServiceInstance, worstStatus } from "#model/catalog.ts";

/** Where one instance of a service takes connections from the mesh. */
export interface Endpoint {
  readonly id: string;
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly healthy: boolean;
  /** Its share among the others, 1 to 65535. */
  readonly weight: number;
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
  return {
    id: proxy.ID,
    node: proxy.Node,
    address: proxy.Address,
    port: proxy.Port,
    healthy: status === "passing" || (status === "warning" && !onlyPassing),
    weight: Math.max(1, status === "warning" ? proxy.Weights.Warning : proxy.Weights.Passing),
  };
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
    a.weight === b.weight
  );
}
