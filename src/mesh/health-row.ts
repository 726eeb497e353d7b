import type { CatalogNode, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { Node } from "#model/node.ts";

/**
 * An instance with its node and checks, as filters of resolver subsets ask about it (model/catalog-filter.ts).
 * The node is looked up only where a filter asks about it: nobody else depends on nodes.
 */
export function healthRow(
  instance: ServiceInstance,
  checks: readonly HealthCheck[],
  nodeNamed: (name: string) => Node | CatalogNode | undefined,
) {
  return {
    get Node() {
      return { ...nodeNamed(instance.Node), Node: instance.Node };
    },
    Service: { ...instance, Connect: { Native: instance.ConnectNative } },
    Checks: checks,
  };
}
