import { create, fromBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import { type Filter, FilterSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { type Listener, ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  HttpFilterSchema,
} from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { pack, type Resource, resource } from "../resource.ts";

export type Direction = "inbound" | "outbound";

/** Puts a filter into every connection manager of a direction's listeners, after those that are there. */
export function addHttpFilter(
  resources: readonly Resource[],
  direction: Direction,
  name: string,
  value: Any,
): Resource[] {
  return changeManagers(resources, direction, (manager) => {
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
  return changeListeners(resources, direction, (listener) => {
    for (const chain of listener.filterChains) {
      if (chain.filters.some(isManager)) continue;
      chain.filters.splice(-1, 0, create(FilterSchema, { name, configType: { case: "typedConfig", value } }));
    }
  });
}

export function changeManagers(
  resources: readonly Resource[],
  direction: Direction,
  change: (manager: HttpConnectionManager) => void,
): Resource[] {
  return changeListeners(resources, direction, (listener) => {
    for (const filter of listener.filterChains.flatMap((chain) => chain.filters)) {
      if (filter.configType.case !== "typedConfig" || !isManager(filter)) continue;
      const manager = fromBinary(HttpConnectionManagerSchema, filter.configType.value.value);
      change(manager);
      filter.configType = { case: "typedConfig", value: pack(HttpConnectionManagerSchema, manager) };
    }
  });
}

function changeListeners(
  resources: readonly Resource[],
  direction: Direction,
  change: (listener: Listener) => void,
): Resource[] {
  const wanted = direction === "inbound" ? TrafficDirection.INBOUND : TrafficDirection.OUTBOUND;
  return resources.map((one) => {
    if (one.kind !== "listener") return one;
    const listener = fromBinary(ListenerSchema, fromBinary(AnySchema, one.any).value);
    if (listener.trafficDirection !== wanted) return one;
    change(listener);
    return resource("listener", one.name, ListenerSchema, listener);
  });
}

function isManager({ configType }: Filter): boolean {
  return (
    configType.case === "typedConfig" &&
    configType.value.typeUrl.endsWith(`/${HttpConnectionManagerSchema.typeName}`)
  );
}
