import { services } from "#mesh/tables.ts";
import type { AllocationId } from "#model/id.ts";
import type { ApiContext } from "../context.ts";

/** The proxies of an allocation, as the control plane sees them. */
export function proxiesOf({ server: { state }, proxies }: ApiContext, allocation: AllocationId) {
  return state
    .find(services, "allocation", allocation)
    .filter((instance) => instance.Kind !== "")
    .map(({ ID, Kind, Proxy: proxy }) => {
      const status = proxies.get(ID);
      return {
        ID,
        Kind,
        Service: proxy?.DestinationServiceName ?? "",
        Upstreams: proxy?.Upstreams ?? [],
        Connected: status?.connected ?? false,
        Rejection: status?.rejection ?? null,
      };
    });
}
