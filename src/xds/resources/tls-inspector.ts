import { TlsInspectorSchema } from "#envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.js";
import { pack } from "../resource.ts";

/** Tells whether a connection begins with TLS, and which server name it asks for. */
export const tlsInspector = {
  name: "envoy.filters.listener.tls_inspector",
  configType: { case: "typedConfig" as const, value: pack(TlsInspectorSchema, {}) },
};
