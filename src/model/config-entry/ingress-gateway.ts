import { boolean, integer, list, object, optional, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { sds, tlsParameters } from "./gateway-tls.ts";
import { headerModifiers } from "./header-modifiers.ts";
import { meta } from "./meta.ts";
import { protocols } from "./protocol.ts";
import { passiveHealthCheck, upstreamLimits } from "./upstream-config.ts";

const limits = {
  ...upstreamLimits.fields,
  PassiveHealthCheck: optional(passiveHealthCheck),
};

export const ingressTls = object("ingress TLS", "Encryption between clients and the gateway.", {
  Enabled: boolean("Speak TLS to clients, with a certificate of the mesh."),
  ...tlsParameters,
  SDS: optional(sds),
});

export const ingressServiceTls = object("ingress service TLS", "The certificate for one service's hosts.", {
  SDS: optional(sds),
});

export const ingressDefaults = object(
  "ingress Defaults",
  "What holds for every service behind the gateway.",
  limits,
);

export const ingressService = object("ingress service", "A service behind a listener.", {
  Name: string("The service, or `*` for all that speak the listener's protocol."),
  Hosts: strings("The host names that lead to it."),
  TLS: optional(ingressServiceTls),
  RequestHeaders: optional(headerModifiers, "Changes to requests."),
  ResponseHeaders: optional(headerModifiers, "Changes to responses."),
  ...limits,
});

export const ingressListener = object("ingress listener", "A port of the gateway.", {
  Port: integer("", { min: 0, max: 65535 }),
  Protocol: string("", { default: "tcp", oneOf: protocols }),
  TLS: optional(ingressTls),
  Services: list(ingressService, "What is behind it."),
});

export const ingressGateway = object("ingress-gateway", "Lets clients outside reach services of the mesh.", {
  Kind: string("", { oneOf: ["ingress-gateway"] }),
  Name: string("The gateway's service."),
  TLS: optional(ingressTls),
  Defaults: optional(ingressDefaults),
  Listeners: list(ingressListener, "The gateway's ports."),
  Meta: meta,
});

export type IngressGatewayEntry = Value<typeof ingressGateway>;
