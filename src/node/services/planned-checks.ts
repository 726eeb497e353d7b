import { createHash } from "node:crypto";
import type { HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { ServiceCheck } from "#model/job/check.ts";
import type { Service } from "#model/job/service.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { PlannedCheck, PlannedRestart } from "../checks/allocation-checks.ts";
import type { Probe } from "../checks/probe.ts";
import { interpolate } from "../environment/interpolation.ts";
import { locate, type ServicePlace } from "./service-place.ts";

/** A check as its job declares it. It is critical until it has passed, unless the job says otherwise. */
export function plannedCheck(
  place: ServicePlace,
  service: Service,
  instance: ServiceInstance,
  check: ServiceCheck,
  /** Null for a service of the group. */
  owner: string | null,
): PlannedCheck {
  const name = interpolate(check.Name, place.references);
  const { Type, Notes, InitialStatus } = check;
  return {
    record: record(instance, { Name: name, Type, Notes, Status: InitialStatus || "critical", Output: "" }),
    probe: probeOf(place, service, check, owner),
    interval: check.Interval / millisecond,
    timeout: check.Timeout / millisecond,
    thresholds: {
      successBeforePassing: check.SuccessBeforePassing,
      failuresBeforeWarning: check.FailuresBeforeWarning,
      failuresBeforeCritical: check.FailuresBeforeCritical,
    },
    counts: COUNTS[check.OnUpdate],
    restart: plannedRestart(service, check, owner),
  };
}

function plannedRestart(
  { TaskName }: Service,
  { CheckRestart, TaskName: own }: ServiceCheck,
  owner: string | null,
): PlannedRestart | null {
  if (CheckRestart === null || CheckRestart.Limit === 0) return null;
  return {
    task: owner ?? (own || TaskName || null),
    limit: CheckRestart.Limit,
    grace: CheckRestart.Grace / millisecond,
    takesWarningsForHealthy: CheckRestart.IgnoreWarnings,
  };
}

const COUNTS = { require_healthy: "passing", ignore_warnings: "passing or warning", ignore: "not" } as const;

/** Nobody is sent to an instance, or through a proxy, that does not listen yet or any more. */
export function listeningCheck(
  instance: ServiceInstance,
  what: "Service" | "Connect Sidecar",
  port: number,
  address: string | null,
): PlannedCheck {
  const Output = `nothing listens on port ${port} inside the allocation`;
  const named = {
    Name: `${what} Listening`,
    Type: "listening",
    Notes: "",
    Status: "critical",
    Output,
  } as const;
  return {
    record: record(instance, named),
    probe: { kind: "listening", port, address },
    interval: 0,
    timeout: 0,
    thresholds: { successBeforePassing: 0, failuresBeforeWarning: 0, failuresBeforeCritical: 0 },
    // Without a check of its own a service may listen late, or never, and its job is healthy all the same.
    counts: "not",
    restart: null,
  };
}

type Particulars = Pick<HealthCheck, "Name" | "Type" | "Notes" | "Status" | "Output">;

function record({ Node, ID, Service }: ServiceInstance, check: Particulars): HealthCheck {
  const hash = createHash("sha1").update(`${ID} ${check.Name}`).digest("hex");
  return { Node, CheckID: `_nomad-check-${hash}`, ...check, ServiceID: ID, ServiceName: Service };
}

function probeOf(place: ServicePlace, service: Service, check: ServiceCheck, owner: string | null): Probe {
  if (check.Type === "script") return scriptProbe(place, service, check, owner);
  const label = check.PortLabel || service.PortLabel;
  // A number is a port inside: no port of the host leads to it.
  const isNumber = /^\d+$/.test(label);
  const { address, port } = locate(place, label, isNumber ? "alloc" : check.AddressMode);
  if (port === 0) {
    const reason = `neither the check nor its service has a port that this node knows ("${label}")`;
    return { kind: "impossible", reason };
  }
  switch (check.Type) {
    case "http":
      return httpProbe(place, check, `${address}:${port}`);
    case "tcp":
      return { kind: "tcp", host: address, port };
    case "grpc":
      return {
        kind: "grpc",
        authority: `${address}:${port}`,
        service: check.GRPCService,
        useTls: check.GRPCUseTLS,
        skipVerify: check.TLSSkipVerify,
        serverName: check.TLSServerName,
      };
  }
}

function scriptProbe(
  { references }: ServicePlace,
  service: Service,
  { Command, Args, TaskName }: ServiceCheck,
  owner: string | null,
): Probe {
  const task = owner ?? (TaskName || service.TaskName);
  if (task === "")
    return { kind: "impossible", reason: "the check does not say in which task its command runs" };
  return { kind: "script", task, command: [Command, ...Args].map((word) => interpolate(word, references)) };
}

function httpProbe({ references }: ServicePlace, check: ServiceCheck, authority: string): Probe {
  const headers = Object.entries(check.Header).map(([name, values]) => [
    name,
    values.map((value) => interpolate(value, references)),
  ]);
  return {
    kind: "http",
    url: `${check.Protocol || "http"}://${authority}${interpolate(check.Path, references)}`,
    method: (check.Method || "GET").toUpperCase(),
    headers: Object.fromEntries(headers),
    body: interpolate(check.Body, references),
    skipVerify: check.TLSSkipVerify,
    serverName: check.TLSServerName,
  };
}
