import type { Any } from "@bufbuild/protobuf/wkt";
import { HttpProtocolOptionsSchema } from "#envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import type { Protocol } from "#model/config-entry/protocol.ts";
import { pack } from "../resource.ts";

const HTTP_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Whether the service's own instances speak HTTP/2. */
export function speaksHttp2(protocol: Protocol): boolean {
  return protocol === "http2" || protocol === "grpc";
}

/** A cluster whose instances are spoken to in HTTP/2, whatever the client spoke. */
export function http2(): Record<string, Any> {
  return {
    [HTTP_PROTOCOL_OPTIONS]: pack(HttpProtocolOptionsSchema, {
      upstreamProtocolOptions: {
        case: "explicitHttpConfig",
        // Upgrades such as websockets travel as extended CONNECT (RFC 8441).
        value: { protocolConfig: { case: "http2ProtocolOptions", value: { allowConnect: true } } },
      },
    }),
  };
}
