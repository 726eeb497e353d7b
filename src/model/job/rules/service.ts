import type { Finding, Place, Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { group } from "../group.ts";
import type { Service } from "../service.ts";
import { service } from "../service.ts";
import { task } from "../task.ts";

export const serviceRules: readonly Rule[] = [
  rule(service, "Name", ({ Name }) => {
    const plain = Name.replaceAll(/\$\{[^}]*\}/g, "x");
    return (
      !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(plain) &&
      `Service name ${JSON.stringify(Name)} must be valid per RFC 1123: at most 63 letters, digits and dashes, with no dash at either end.`
    );
  }),
  rule(
    service,
    "Address",
    ({ Address, AddressMode }) =>
      Address !== "" && AddressMode !== "auto" && 'address can only be given with address_mode = "auto".',
  ),
  rule(
    service,
    "AddressMode",
    ({ AddressMode }, place) =>
      inTask(place) &&
      AddressMode.startsWith("alloc") &&
      `address_mode = "${AddressMode}" can only be used by services of a group.`,
  ),
  rule(
    service,
    "AddressMode",
    ({ AddressMode }, place) =>
      !inTask(place) &&
      AddressMode === "driver" &&
      'address_mode = "driver" can only be used by services of a task.',
  ),
  rule(
    service,
    "Connect",
    ({ Connect, Name }, place) =>
      Connect !== null &&
      inTask(place) &&
      `Service ${JSON.stringify(Name)} cannot have a connect block: only services defined in a group can.`,
  ),
  rule(
    service,
    "Connect",
    ({ Connect, Provider }) =>
      Connect !== null &&
      Provider === "nomad" &&
      'A service with provider "nomad" cannot include a connect block.',
  ),
  rule(service, "TaskName", ({ TaskName }, place) => {
    const owner = place.around(task);
    return (
      owner !== null &&
      TaskName !== owner.Name &&
      `A task's service belongs to that task, ${JSON.stringify(owner.Name)}.`
    );
  }),
  rule(
    service,
    "Cluster",
    ({ Cluster }) =>
      Cluster !== "default" && 'There is one catalogue: a cluster other than "default" cannot be used.',
  ),
  rule(
    service,
    "Kind",
    ({ Kind }) =>
      !serviceKinds.includes(Kind) &&
      `${JSON.stringify(Kind)} is none of ${serviceKinds.filter(Boolean).join(", ")}.`,
  ),
  rule(service, "PortLabel", ({ PortLabel, AddressMode }, place) =>
    unknownPort(PortLabel, AddressMode, place),
  ),
  rule(service, "Checks", (value, place) => checkPorts(value, place)),
  rule(service, "Checks", ({ Checks }, place) => (inTask(place) ? repeatedChecks(Checks) : null)),
];

const serviceKinds = ["", "api-gateway", "ingress-gateway", "mesh-gateway", "terminating-gateway"];

export function inTask(place: Place): boolean {
  return place.around(task) !== null;
}

export function isNumeric(port: string): boolean {
  return /^[+-]?\d+$/.test(port);
}

function portLabels(place: Place): Set<string> {
  const networks = [
    ...(place.around(group)?.Networks ?? []),
    ...(place.around(task)?.Resources.Networks ?? []),
  ];
  return new Set(
    networks
      .flatMap(({ ReservedPorts, DynamicPorts }) => [...ReservedPorts, ...DynamicPorts])
      .map(({ Label }) => Label),
  );
}

/** A number stands for itself: for a task's service where the driver has an address, for a group's inside its namespace. */
function unknownPort(port: string, addressMode: string, place: Place): string | false {
  if (port === "" || port.includes("${")) return false;
  if (isNumeric(port) && (!inTask(place) || addressMode === "driver")) return false;
  const labels = portLabels(place);
  if (labels.has(port)) return false;
  const known = labels.size === 0 ? "the group's network has none" : `there are ${[...labels].join(", ")}`;
  return `The port label ${JSON.stringify(port)} does not exist: ${known}.`;
}

const portChecks: readonly string[] = ["grpc", "http", "tcp"];

function checkPorts({ Checks, PortLabel, Name }: Service, place: Place): Finding[] {
  return Checks.flatMap((check, index) => {
    if (!portChecks.includes(check.Type)) return [];
    const port = check.PortLabel || PortLabel;
    const at = ["Checks", index, ...(check.PortLabel === "" ? [] : ["PortLabel"])];
    if (port === "") {
      return [
        {
          at,
          detail: `The check requires a port, but neither it nor its service ${JSON.stringify(Name)} has one.`,
        },
      ];
    }
    if (inTask(place) && isNumeric(port)) return numericPort(at, Number(port), check.AddressMode);
    const detail = check.PortLabel !== "" && unknownPort(port, check.AddressMode, place);
    return detail ? [{ at, detail }] : [];
  });
}

function numericPort(at: Finding["at"] & {}, port: number, addressMode: string): Finding[] {
  if (addressMode !== "driver") {
    return [{ at, detail: `A check cannot use a numeric port (${port}) without address_mode = "driver".` }];
  }
  return port > 0 ? [] : [{ at, detail: `The check has an invalid numeric port, ${port}.` }];
}

function repeatedChecks(checks: Service["Checks"]): Finding[] {
  return checks.flatMap(({ Name }, index) =>
    checks.findIndex((other) => other.Name === Name) < index
      ? [{ at: ["Checks", index], detail: `There is already a check named ${JSON.stringify(Name)}.` }]
      : [],
  );
}
