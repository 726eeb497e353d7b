import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { FilterSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { RouterSchema } from "#envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  HttpConnectionManager_CodecType,
  HttpConnectionManagerSchema,
  type HttpFilterSchema,
} from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { TcpProxySchema } from "#envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import { pack } from "../resource.ts";
import { seconds } from "./source.ts";

export type FilterInit = MessageInitShape<typeof FilterSchema>;
export type HttpFilterInit = MessageInitShape<typeof HttpFilterSchema>;
export type ConnectionManagerInit = Exclude<MessageInitShape<typeof HttpConnectionManagerSchema>, Message>;
export type TcpProxyInit = Exclude<MessageInitShape<typeof TcpProxySchema>, Message>;

/**
 * A request within the mesh may be silent for as long as its two ends wish, such as a websocket or a blocking query.
 * Envoy would end it after five minutes, and set a clock for it at every part of every request.
 */
export const MAY_BE_IDLE: ConnectionManagerInit = { streamIdleTimeout: seconds(0) };

export const CONNECTION_MANAGER = "envoy.filters.network.http_connection_manager";

export function filter(name: string, value: Any): FilterInit {
  return { name, configType: { case: "typedConfig", value } };
}

export function httpFilter(name: string, value: Any): HttpFilterInit {
  return { name, configType: { case: "typedConfig", value } };
}

export function connectionManager(options: ConnectionManagerInit): FilterInit {
  return filter(
    CONNECTION_MANAGER,
    pack(HttpConnectionManagerSchema, {
      codecType: HttpConnectionManager_CodecType.AUTO,
      upgradeConfigs: [{ upgradeType: "websocket" }],
      ...options,
    }),
  );
}

export function tcpProxy(options: TcpProxyInit): FilterInit {
  return filter("envoy.filters.network.tcp_proxy", pack(TcpProxySchema, options));
}

/** Always the last of a connection manager's filters. */
export function router(options: MessageInitShape<typeof RouterSchema> = {}): HttpFilterInit {
  return httpFilter("envoy.filters.http.router", pack(RouterSchema, options));
}
