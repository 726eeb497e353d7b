import { bindAddress } from "../job/gateway.ts";
import { boolean, integer, map, object, string } from "../schema/builders.ts";
import { canonical } from "../schema/canonical.ts";
import { decode } from "../schema/decode.ts";
import type { Value } from "../schema/schema.ts";

/** The keys of a gateway's `Config`, of a registration or of a job's `gateway` block. Names are Consul's. */
export const gatewayConfig = object("gateway Config", "Settings of a gateway.", {
  EnvoyGatewayBindAddresses: map(bindAddress, "Listen at these addresses."),
  EnvoyGatewayBindTaggedAddresses: boolean("Listen at the service's tagged addresses."),
  EnvoyGatewayNoDefaultBind: boolean("Do not listen at the service's own address."),
  EnvoyDNSDiscoveryType: string("How Envoy resolves names of services outside."),
  ConnectTimeoutMs: integer("How long a connection to a service may take."),
  EnvoyGatewayRemoteTCPEnableKeepalive: boolean(
    "Look whether idle connections to gateways elsewhere still live.",
  ),
  EnvoyGatewayRemoteTCPKeepaliveTime: integer("Seconds of silence before the first look."),
  EnvoyGatewayRemoteTCPKeepaliveInterval: integer("Seconds between looks."),
  EnvoyGatewayRemoteTCPKeepaliveProbes: integer("Looks without an answer after which one is given up."),
});

export type GatewayConfig = Value<typeof gatewayConfig>;

/** Keys that it does not know and values of a wrong kind are left out. */
export function readGatewayConfig(config: Readonly<Record<string, unknown>>): GatewayConfig {
  return canonical(gatewayConfig, decode(gatewayConfig, config, { lenient: true }).value);
}
