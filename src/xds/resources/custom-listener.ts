import { create, fromBinary } from "@bufbuild/protobuf";
import { TransportSocketSchema } from "#envoy/config/core/v3/base_pb.js";
import { type Filter, FilterSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  HttpFilterSchema,
} from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { Sidecar } from "#mesh/sidecar.ts";
import { messageFromJson } from "../envoy-json.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { connectionAccess, requestAccess } from "./access-filter.ts";
import { filter } from "./filters.ts";
import { requireMutualTls } from "./transport.ts";

/**
 * A public listener of the user's own, as JSON. It is given the mesh's encryption and access rules: nothing
 * that a user writes lets anyone in past them.
 */
export function customPublicListener(
  name: string,
  json: string,
  { service, inbound, settings }: Sidecar,
): Resource {
  const listener = messageFromJson(ListenerSchema, JSON.parse(json));
  listener.name = name;
  for (const chain of listener.filterChains) {
    const tls = requireMutualTls(inbound.protocol, settings.tls?.Incoming ?? null);
    chain.transportSocket = create(TransportSocketSchema, tls);
    chain.filters = guarded(chain.filters, service);
  }
  return resource("listener", name, ListenerSchema, listener);
}

/** Access rules stand first: on requests where they are looked at, else on the connection. */
function guarded(filters: readonly Filter[], service: string): Filter[] {
  if (!filters.some((one) => managerOf(one) !== null)) {
    return [create(FilterSchema, connectionAccess(service)), ...filters];
  }
  return filters.map((one) => {
    const manager = managerOf(one);
    if (manager === null) return one;
    const access = requestAccess(service).map((one) => create(HttpFilterSchema, one));
    manager.httpFilters.unshift(...access);
    return create(FilterSchema, filter(one.name, pack(HttpConnectionManagerSchema, manager)));
  });
}

function managerOf({ configType }: Filter): HttpConnectionManager | null {
  if (configType.case !== "typedConfig") return null;
  const { typeUrl, value } = configType.value;
  const isManager = typeUrl.endsWith(`/${HttpConnectionManagerSchema.typeName}`);
  return isManager ? fromBinary(HttpConnectionManagerSchema, value) : null;
}
