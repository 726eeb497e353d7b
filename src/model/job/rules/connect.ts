import { isIP } from "node:net";
import type { Finding, Place, Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { check } from "../check.ts";
import { connect } from "../connect.ts";
import type { TaskGroup } from "../group.ts";
import { group } from "../group.ts";
import type { TransparentProxy } from "../proxy.ts";
import { transparentProxy, upstream } from "../proxy.ts";
import { service } from "../service.ts";
import { inTask, isNumeric } from "./service.ts";

export const connectRules: readonly Rule[] = [
  rule(
    connect,
    null,
    ({ Native, SidecarService, Gateway }) =>
      [Native, SidecarService !== null, Gateway !== null].filter(Boolean).length !== 1 &&
      "Consul Connect must be exclusively native, make use of a sidecar, or represent a Gateway: write one of native = true, sidecar_service and gateway.",
  ),
  rule(
    connect,
    "SidecarService",
    ({ SidecarService }, place) =>
      SidecarService !== null && networkProblem("connect sidecar", place, ["bridge", "cni/*"]),
  ),
  rule(
    connect,
    "Gateway",
    ({ Gateway }, place) =>
      Gateway !== null && networkProblem("connect gateway", place, ["bridge", "host", "cni/*"]),
  ),
  rule(connect, "SidecarService", ({ SidecarService }, place) => SidecarService !== null && upperCase(place)),
  rule(connect, "Native", ({ Native }, place) => Native && nativeProblem(place)),
  rule(group, "Services", (value) => sharedListeners(value)),
  rule(
    group,
    "Services",
    ({ Services }) =>
      Services.filter(({ Connect }) => Connect !== null).length > 1 &&
      Services.some(({ Connect }) => Connect?.SidecarService?.Proxy?.TransparentProxy) &&
      "A transparent proxy requires that there is only one connect block in the group.",
  ),
  rule(
    upstream,
    "DestinationName",
    ({ DestinationName }) =>
      DestinationName === "" && "An upstream needs destination_name: the service that it leads to.",
  ),
  rule(transparentProxy, null, (value) => transparentFindings(value)),
  rule(
    transparentProxy,
    "NoDNS",
    ({ NoDNS }, place) =>
      !NoDNS &&
      place.around(group)?.Networks.some(({ DNS }) => DNS !== null) &&
      "A transparent proxy cannot be used with network.dns unless no_dns=true.",
  ),
  rule(transparentProxy, "ExcludeInboundPorts", ({ ExcludeInboundPorts }, place) => {
    const labels = (place.around(group)?.Networks ?? [])
      .flatMap(({ ReservedPorts }) => ReservedPorts)
      .map(({ Label }) => Label);
    return ExcludeInboundPorts.flatMap((port, index) =>
      isPort(port) || labels.includes(port)
        ? []
        : [
            {
              at: ["ExcludeInboundPorts", index],
              detail: `${JSON.stringify(port)} must be numeric or one of network.port labels with a static port.`,
            },
          ],
    );
  }),
  rule(check, "Expose", ({ Expose }, place) => {
    if (!Expose) return false;
    if (inTask(place))
      return "A check with expose = true is not a task-group service's: move the service to the group.";
    if (place.around(service)?.Connect?.SidecarService == null) {
      return "A check with expose = true requires use of sidecar_service.";
    }
    return networkProblem("connect expose check", place, ["bridge", "cni/*"]);
  }),
];

function networkProblem(who: string, place: Place, modes: readonly string[]): string | false {
  const { Networks = [], Name = "" } = place.around(group) ?? {};
  const [network, ...others] = Networks;
  if (network === undefined || others.length > 0) {
    return `${who}: must have exactly one network for Consul Connect: group ${JSON.stringify(Name)} has ${Networks.length} networks.`;
  }
  const mode = network.Mode.startsWith("cni/") ? "cni/*" : network.Mode;
  return (
    !modes.includes(mode) &&
    `${who}: invalid network mode for Consul Connect: group ${JSON.stringify(Name)} uses network mode ${JSON.stringify(network.Mode)}; must be ${modes.map((name) => JSON.stringify(name)).join(" or ")}.`
  );
}

function upperCase(place: Place): string | false {
  const names = { service: place.around(service)?.Name ?? "", group: place.around(group)?.Name ?? "" };
  for (const [kind, name] of Object.entries(names)) {
    if (name !== name.toLowerCase())
      return `The name of a Connect ${kind} must not contain uppercase characters: ${JSON.stringify(name)}.`;
  }
  return false;
}

function nativeProblem(place: Place): string | false {
  const { Name = "", TaskName = "", PortLabel = "" } = place.around(service) ?? {};
  const { Tasks = [], Name: groupName = "" } = place.around(group) ?? {};
  const called = `${groupName}->${Name}`;
  if (PortLabel === "")
    return `Service ${JSON.stringify(Name)} is Connect Native and requires setting the port.`;
  if (TaskName === "")
    return (
      Tasks.length !== 1 &&
      `The task for Consul Connect Native service ${called} is ambiguous and must be set.`
    );
  return (
    !Tasks.some((task) => task.Name === TaskName) &&
    `The task ${JSON.stringify(TaskName)} named by Consul Connect Native service ${called} does not exist.`
  );
}

function sharedListeners({ Services, Name }: TaskGroup): Finding[] {
  const taken = new Map<string, string>();
  return Services.flatMap((owner, index) =>
    (owner.Connect?.SidecarService?.Proxy?.Upstreams ?? []).flatMap((upstream, place) => {
      const { LocalBindSocketPath, LocalBindAddress, LocalBindPort } = upstream;
      // Without either, the node chooses a port that nobody has.
      if (LocalBindSocketPath === "" && LocalBindPort === 0) return [];
      const listener = LocalBindSocketPath || `${LocalBindAddress || "127.0.0.1"}:${LocalBindPort}`;
      const other = taken.get(listener);
      taken.set(listener, owner.Name);
      if (other === undefined) return [];
      return [
        {
          at: ["Services", index, "Connect", "SidecarService", "Proxy", "Upstreams", place],
          detail: `Consul Connect services ${JSON.stringify(owner.Name)} and ${JSON.stringify(other)} in group ${JSON.stringify(Name)} are using same address for upstreams (${listener}).`,
        },
      ];
    }),
  );
}

function transparentFindings({ UID, ExcludeUIDs, ExcludeOutboundCIDRs }: TransparentProxy): Finding[] {
  const cidrs = ExcludeOutboundCIDRs.map((cidr, index) => ({
    at: ["ExcludeOutboundCIDRs", index],
    wrong: !isPrefix(cidr),
    detail: `Could not parse transparent proxy excluded outbound CIDR as network prefix: ${JSON.stringify(cidr)}.`,
  }));
  const users = [UID, ...ExcludeUIDs].map((uid, index) => ({
    at: index === 0 ? ["UID"] : ["ExcludeUIDs", index - 1],
    wrong: uid !== "" && !isPort(uid),
    detail: `Invalid user ID ${JSON.stringify(uid)}: a number from 0 to 65535 is expected.`,
  }));
  return [...cidrs, ...users].filter(({ wrong }) => wrong);
}

/** An unsigned number of 16 bits. */
function isPort(text: string): boolean {
  return isNumeric(text) && /^\d+$/.test(text) && Number(text) <= 65535;
}

function isPrefix(cidr: string): boolean {
  const [address = "", bits = ""] = cidr.split("/");
  return /^\d{1,3}$/.test(bits) && Number(bits) <= ({ 4: 32, 6: 128 }[isIP(address)] ?? -1);
}
