import { join } from "node:path";
import { createRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import { TypedExtensionConfigSchema } from "#envoy/config/core/v3/extension_pb.js";
import { ClusterLoadAssignmentSchema } from "#envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "#envoy/config/route/v3/route_pb.js";
import { JwtAuthenticationSchema } from "#envoy/extensions/filters/http/jwt_authn/v3/config_pb.js";
import { RBACSchema as HttpRbacSchema } from "#envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import { RouterSchema } from "#envoy/extensions/filters/http/router/v3/router_pb.js";
import { HttpConnectionManagerSchema } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { RBACSchema as NetworkRbacSchema } from "#envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { TcpProxySchema } from "#envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import { SecretSchema } from "#envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { HttpProtocolOptionsSchema } from "#envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import type { Resource } from "../../src/xds/resource.ts";
import { matchGolden } from "./golden.ts";

const registry = createRegistry(
  ClusterSchema,
  ClusterLoadAssignmentSchema,
  ListenerSchema,
  RouteConfigurationSchema,
  SecretSchema,
  TypedExtensionConfigSchema,
  HttpRbacSchema,
  NetworkRbacSchema,
  JwtAuthenticationSchema,
  RouterSchema,
  HttpConnectionManagerSchema,
  TcpProxySchema,
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
  HttpProtocolOptionsSchema,
);

/** Compares resources, as readable JSON, with the file `goldens/<name>.golden.json` beside a test. */
export function matchResources(folder: string, name: string, resources: readonly Resource[]): void {
  const messages = resources.map(({ any }) => {
    const packed = fromBinary(AnySchema, any);
    const message = anyUnpack(packed, registry);
    const schema = message && registry.getMessage(message.$typeName);
    if (!message || !schema) throw new Error(`${packed.typeUrl} is not in the test's registry`);
    return { "@type": packed.typeUrl, ...(toJson(schema, message, { registry }) as object) };
  });
  matchGolden(join(folder, "goldens", `${name}.golden.json`), `${JSON.stringify(messages, null, 2)}\n`);
}
