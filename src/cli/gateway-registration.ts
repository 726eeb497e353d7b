import { proxyRoles } from "#model/job/proxy-kind.ts";
import type { ApiClient } from "./api-client.ts";
import { CommandError } from "./command.ts";
import { socketAddress } from "./control-plane.ts";

/** What `connect envoy -gateway … -register` says of a gateway. */
export interface GatewayFlags {
  readonly role: string;
  readonly service: string;
  readonly address: string;
  /** Of a mesh gateway alone; empty for the same. */
  readonly wanAddress: string;
  readonly bindAddresses: readonly string[];
}

/** The kind in the catalog; throws an error in words where there is no such gateway. */
export function gatewayKind(role: string): string {
  const known = proxyRoles.filter((each) => each !== "proxy");
  if (known.some((each) => each === role)) return `${role}-gateway`;
  throw new CommandError(`-gateway is ${known.join(", ")}, not "${role}"`);
}

/** Registers a gateway at the agent, under the id of its service. Gives the id. */
export async function registerGateway(
  api: ApiClient,
  { role, service, address, wanAddress, bindAddresses }: GatewayFlags,
  signal: AbortSignal,
): Promise<string> {
  const Kind = gatewayKind(role);
  const Name = service || Kind;
  const own = socketAddress(address, "address");
  if (wanAddress !== "" && role !== "mesh") throw new CommandError("-wan-address is for -gateway mesh alone");
  const wan = socketAddress(wanAddress || address, "wan-address");
  const named = bindAddresses.map((text) => {
    const equals = text.indexOf("=");
    if (equals < 1) throw new CommandError(`-bind-address is name=address:port, not "${text}"`);
    const { address: Address, port: Port } = socketAddress(text.slice(equals + 1), "bind-address");
    return [text.slice(0, equals), { Address, Port }];
  });
  const body = {
    ...{ Kind, ID: Name, Name, Address: own.address, Port: own.port },
    ...(role === "mesh" && {
      TaggedAddresses: {
        lan: { Address: own.address, Port: own.port },
        wan: { Address: wan.address, Port: wan.port },
      },
    }),
    Proxy: {
      Config:
        named.length === 0
          ? {}
          : {
              envoy_gateway_no_default_bind: true,
              envoy_gateway_bind_addresses: Object.fromEntries(named),
            },
    },
    // The ports of an API gateway are those of its config entry.
    ...(role !== "api" && { Check: listening(Kind, address) }),
  };
  await api.query("/v1/agent/service/register", { method: "PUT", body, signal });
  return Name;
}

function listening(kind: string, address: string) {
  return {
    Name: `${kind} listening`,
    TCP: address,
    Interval: "10s",
    DeregisterCriticalServiceAfter: "6h",
  };
}
