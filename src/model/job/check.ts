import {
  attribute,
  boolean,
  duration,
  integer,
  map,
  object,
  optional,
  string,
  strings,
} from "../schema/builders.ts";
import { second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

export const updateChecks = ["require_healthy", "ignore_warnings", "ignore"] as const;

export const checkRestart = object("check_restart", "Restarts the task when the check stays unhealthy.", {
  Limit: integer("Restart after so many failures in a row; 0 never restarts.", { min: 0 }),
  Grace: duration("Failures are not counted for so long after the task starts.", { default: second, min: 0 }),
  IgnoreWarnings: boolean("Take a warning for healthy."),
});

export type CheckRestart = Value<typeof checkRestart>;

export const check = object("check", "Tells whether an instance of the service is healthy.", {
  Name: string('By default `service: "<service>" check`.'),
  Type: string("", { oneOf: ["http", "tcp", "grpc", "script"] }),
  Command: string("What a script check runs inside the task."),
  Args: strings("The arguments of the command."),
  Path: string("The path that an HTTP check asks for."),
  Protocol: string("`http` or `https` of an HTTP check.", { default: "", oneOf: ["", "http", "https"] }),
  PortLabel: string("The port that is checked: a label or a number; by default the service's.", {
    hcl: attribute("port"),
  }),
  Expose: boolean("Lets the check reach the service past its proxy, at this path only."),
  AddressMode: string("Which address is checked.", {
    oneOf: ["", "auto", "host", "driver", "alloc", "alloc_ipv6"],
  }),
  Advertise: string("The address that is shown for the check."),
  Interval: duration("From the start of one check to the next."),
  Timeout: duration("How long an answer may take."),
  InitialStatus: string("The state before the first answer.", {
    oneOf: ["", "passing", "warning", "critical"],
  }),
  Notes: string("A note for people.", { maxLength: 255 }),
  TLSServerName: string("The name that the server's certificate must carry."),
  TLSSkipVerify: boolean("Do not verify the server's certificate."),
  Header: map(strings(""), "Headers of the HTTP request."),
  Method: string("The method of the HTTP request; by default GET."),
  CheckRestart: optional(checkRestart),
  GRPCService: string("The service that a gRPC health check asks for."),
  GRPCUseTLS: boolean("Speak TLS for a gRPC check."),
  TaskName: string("The task in which a script check of a group's service runs.", { hcl: attribute("task") }),
  SuccessBeforePassing: integer("Successes in a row before the check passes."),
  FailuresBeforeCritical: integer("Failures in a row before the check is critical."),
  FailuresBeforeWarning: integer("Failures in a row before the check warns."),
  Body: string("The body of the HTTP request."),
  OnUpdate: string("How the check counts in a deployment; by default as the service's.", {
    default: "require_healthy",
    oneOf: updateChecks,
  }),
});

export type ServiceCheck = Value<typeof check>;
