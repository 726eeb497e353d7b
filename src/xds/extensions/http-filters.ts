import { create, fromBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import {
  type Filter,
  type FilterChain,
  FilterSchema,
} from "#envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  HttpFilterSchema,
} from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { pack, type Resource, resource } from "../resource.ts";
import type { ReachedService } from "./extended-proxy.ts";

export type Direction = "inbound" | "outbound";

/** Which filter chains of which listeners are meant. */
type Chosen = (listener: Listener, chain: FilterChain) => boolean;

const of = (direction: Direction): Chosen => {
  const wanted = direction === "inbound" ? TrafficDirection.INBOUND : TrafficDirection.OUTBOUND;
  return ({ trafficDirection }) => trafficDirection === wanted;
};

/** Puts a filter into every connection manager of a direction's listeners, after those that are there. */
export function addHttpFilter(
  resources: readonly Resource[],
  direction: Direction,
  name: string,
  value: Any,
): Resource[] {
  return withHttpFilter(resources, of(direction), name, value);
}

/** The same, only where requests to one service pass. Throws where it speaks a protocol without requests. */
export function addHttpFilterTowards(
  resources: readonly Resource[],
  { service, listeners, filterChains }: ReachedService,
  name: string,
  value: Any,
): Resource[] {
  const isOfService: Chosen = (listener, { name: chain, filterChainMatch }) =>
    listeners.includes(listener.name) ||
    [chain, ...(filterChainMatch?.serverNames ?? [])].some((one) => filterChains.includes(one));
  const changed = withHttpFilter(resources, isOfService, name, value);
  if (changed.every((one, index) => one === resources[index])) {
    throw new Error(`"${service}" is not called with requests: its Protocol must be http`);
  }
  return changed;
}

function withHttpFilter(
  resources: readonly Resource[],
  chosen: Chosen,
  name: string,
  value: Any,
): Resource[] {
  return changeChosen(resources, chosen, (manager) => {
    const filter = create(HttpFilterSchema, { name, configType: { case: "typedConfig", value } });
    manager.httpFilters.splice(-1, 0, filter);
  });
}

/** Puts a filter of connections before the last, which hands them on; where requests are not looked at. */
export function addNetworkFilter(
  resources: readonly Resource[],
  direction: Direction,
  name: string,
  value: Any,
): Resource[] {
  return changeChains(resources, of(direction), (chain) => {
    if (chain.filters.some(isManager)) return false;
    chain.filters.splice(-1, 0, create(FilterSchema, { name, configType: { case: "typedConfig", value } }));
    return true;
  });
}

export function changeManagers(
  resources: readonly Resource[],
  direction: Direction,
  change: (manager: HttpConnectionManager) => void,
): Resource[] {
  return changeChosen(resources, of(direction), change);
}

function changeChosen(
  resources: readonly Resource[],
  chosen: Chosen,
  change: (manager: HttpConnectionManager) => void,
): Resource[] {
  return changeChains(resources, chosen, ({ filters }) => {
    for (const filter of filters) {
      if (filter.configType.case !== "typedConfig" || !isManager(filter)) continue;
      const manager = fromBinary(HttpConnectionManagerSchema, filter.configType.value.value);
      change(manager);
      filter.configType = { case: "typedConfig", value: pack(HttpConnectionManagerSchema, manager) };
    }
    return filters.some(isManager);
  });
}

/** `change` tells whether it has changed anything: what stays as it is stays the same object. */
function changeChains(
  resources: readonly Resource[],
  chosen: Chosen,
  change: (chain: FilterChain) => boolean,
): Resource[] {
  return resources.map((one) => {
    if (one.kind !== "listener") return one;
    const listener = fromBinary(ListenerSchema, fromBinary(AnySchema, one.any).value);
    const changed = listener.filterChains.filter((chain) => chosen(listener, chain) && change(chain));
    return changed.length === 0 ? one : resource("listener", one.name, ListenerSchema, listener);
  });
}

function isManager({ configType }: Filter): boolean {
  return (
    configType.case === "typedConfig" &&
    configType.value.typeUrl.endsWith(`/${HttpConnectionManagerSchema.typeName}`)
  );
}
