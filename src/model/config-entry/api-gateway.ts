import { integer, list, object, optional, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { tlsVersions } from "./gateway-tls.ts";
import { meta } from "./meta.ts";

export const certificateReference = object("Certificate reference", "A certificate by its entry.", {
  Kind: string("", {
    default: "inline-certificate",
    oneOf: ["inline-certificate", "file-system-certificate"],
  }),
  Name: string("The entry's name."),
});

export const apiListenerTls = object("api-gateway TLS", "Encryption between clients and the gateway.", {
  Certificates: list(certificateReference, "The certificates; the first where no server name fits."),
  MinVersion: string("The least version of TLS.", { oneOf: tlsVersions }),
  MaxVersion: string("The greatest version of TLS.", { oneOf: tlsVersions }),
  CipherSuites: strings("Allowed cipher suites, for versions up to 1.2."),
});

export const apiListener = object("api-gateway listener", "A port of the gateway.", {
  Name: string("By which routes refer to it: letters, digits and dashes."),
  Hostname: string("The host name that it is for, a wildcard only at the left; every one if not set."),
  Port: integer("", { min: 0, max: 65535 }),
  Protocol: string("", { default: "tcp", oneOf: ["tcp", "http", "http2", "grpc"] }),
  TLS: optional(apiListenerTls),
  MaxRequestHeadersKB: optional(
    integer("", { min: 1, max: 8192 }),
    "The most that a request's headers may take, in KiB. 60 if not set.",
  ),
});

export const apiGateway = object(
  "api-gateway",
  "Lets clients outside reach services of the mesh, by routes that are entries of their own.",
  {
    Kind: string("", { oneOf: ["api-gateway"] }),
    Name: string("The gateway's service."),
    Listeners: list(apiListener, "The gateway's ports."),
    Meta: meta,
  },
);

export type ApiListener = Value<typeof apiListener>;

export type ApiGateway = Value<typeof apiGateway>;
