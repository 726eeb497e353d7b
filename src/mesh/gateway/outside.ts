import type { ServiceInstance } from "#model/catalog.ts";
import type { TerminatingGatewayEntry } from "#model/config-entry/config-entry.ts";

/** What is known of a service's instances. */
interface Instances {
  /** Instances of the service itself. */
  readonly own: readonly ServiceInstance[];
  readonly hasProxies: boolean;
  /** Its defaults name hosts that it stands for. */
  readonly hasHosts: boolean;
}

/** An instance of a service itself, that does not speak the mesh's encryption. */
export function isPlain({ Kind, ConnectNative, Provider }: ServiceInstance): boolean {
  return Kind === "" && !ConnectNative && Provider === "consul";
}

/** It has instances or hosts, and none of them takes part in the mesh. */
function isOutside({ own, hasProxies, hasHosts }: Instances): boolean {
  return !hasProxies && (hasHosts || own.some(isPlain));
}

/** The gateways by which a service is reached; under the wildcard only where it is outside. */
export function gatewaysTo(
  service: string,
  entries: readonly TerminatingGatewayEntry[],
  instances: Instances,
): string[] {
  return entries
    .filter(({ Services }) =>
      Services.some(({ Name }) => Name === service || (Name === "*" && isOutside(instances))),
    )
    .map(({ Name }) => Name);
}
