import type { Place, Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { second } from "../../schema/duration.ts";
import type { ServiceCheck } from "../check.ts";
import { check } from "../check.ts";
import { group } from "../group.ts";
import type { Service } from "../service.ts";
import { service } from "../service.ts";
import { task } from "../task.ts";
import { inTask } from "./service.ts";

/** A rule that is asked only of checks of one provider's services. */
function ruleOf(
  provider: Service["Provider"],
  at: keyof ServiceCheck,
  find: (value: ServiceCheck) => string | false,
): Rule {
  return rule(check, at, (value, place) => place.around(service)?.Provider === provider && find(value));
}

const consulOnly = "can only be used by checks of consul services";

export const checkRules: readonly Rule[] = [
  rule(
    check,
    "Type",
    ({ Type }) => Type === ("" as string) && "A check needs a type: http, tcp, grpc or script.",
  ),
  rule(check, "Path", ({ Type, Path }) => Type === "http" && Path === "" && "An http check needs a path."),
  rule(
    check,
    "Path",
    ({ Type, Path }) =>
      Type === "http" &&
      /^[a-z][a-z0-9+.-]*:/i.test(Path) &&
      "The path of an http check must be relative: without scheme and host.",
  ),
  rule(
    check,
    "Command",
    ({ Type, Command }) => Type === "script" && Command === "" && "A script check needs a command.",
  ),
  rule(check, "Interval", ({ Interval }) => Interval < second && `interval ${atLeastASecond(Interval)}`),
  rule(check, "Timeout", ({ Timeout }) => Timeout < second && `timeout ${atLeastASecond(Timeout)}`),
  rule(
    check,
    "AddressMode",
    ({ AddressMode }) => AddressMode === "auto" && 'address_mode = "auto" is only valid for services.',
  ),
  rule(
    check,
    "AddressMode",
    ({ AddressMode }, place) =>
      inTask(place) &&
      AddressMode.startsWith("alloc") &&
      `address_mode = "${AddressMode}" can only be used by checks of a group's service.`,
  ),
  rule(
    check,
    "AddressMode",
    ({ AddressMode, TaskName }, place) =>
      !inTask(place) &&
      TaskName !== "" &&
      AddressMode === "driver" &&
      'address_mode = "driver" can only be used by checks of a task\'s service.',
  ),
  rule(
    check,
    "OnUpdate",
    ({ OnUpdate, CheckRestart }) =>
      OnUpdate === "ignore" &&
      CheckRestart !== null &&
      'on_update = "ignore" is not compatible with check_restart.',
  ),
  rule(
    check,
    "OnUpdate",
    ({ OnUpdate, CheckRestart }) =>
      OnUpdate === "ignore_warnings" &&
      CheckRestart?.IgnoreWarnings === false &&
      'on_update = "ignore_warnings" needs ignore_warnings = true in check_restart.',
  ),
  rule(check, "TaskName", ({ TaskName }, place) => taskProblem(TaskName, place)),
  rule(
    check,
    "TaskName",
    ({ Type, TaskName }, place) =>
      Type === "script" &&
      !inTask(place) &&
      TaskName === "" &&
      "A script check of a group's service must specify the task in which it runs.",
  ),
  rule(
    check,
    "Type",
    ({ Type, Name }, place) =>
      Type === "tcp" &&
      place.around(service)?.Connect?.SidecarService != null &&
      `Check ${JSON.stringify(Name)}: tcp checks are not valid for Connect enabled services, for the proxy always answers.`,
  ),
  ruleOf(
    "consul",
    "Expose",
    ({ Type, Expose }) =>
      Expose && Type !== "http" && Type !== "grpc" && "expose may only be set on HTTP or gRPC checks.",
  ),
  ...(["SuccessBeforePassing", "FailuresBeforeCritical", "FailuresBeforeWarning"] as const).flatMap(
    (field) => [
      ruleOf(
        "consul",
        field,
        (value) =>
          value[field] > 0 && value.Type === "script" && "Thresholds are not supported by script checks.",
      ),
      ruleOf("nomad", field, (value) => value[field] !== 0 && `Thresholds ${consulOnly}.`),
    ],
  ),
  ruleOf(
    "nomad",
    "Type",
    ({ Type }) =>
      Type !== "http" &&
      Type !== "tcp" &&
      `A nomad service has checks of type http or tcp, not ${JSON.stringify(Type)}.`,
  ),
  ruleOf("nomad", "Expose", ({ Expose }) => Expose && `expose ${consulOnly}.`),
  ruleOf(
    "nomad",
    "OnUpdate",
    ({ OnUpdate }) => OnUpdate === "ignore_warnings" && `on_update = "ignore_warnings" ${consulOnly}.`,
  ),
  ruleOf(
    "nomad",
    "CheckRestart",
    ({ CheckRestart }) => CheckRestart?.IgnoreWarnings === true && `ignore_warnings ${consulOnly}.`,
  ),
  ruleOf(
    "nomad",
    "AddressMode",
    ({ AddressMode }) => AddressMode === "driver" && `address_mode = "driver" ${consulOnly}.`,
  ),
  ruleOf(
    "nomad",
    "TLSServerName",
    ({ TLSServerName }) => TLSServerName !== "" && `tls_server_name ${consulOnly}.`,
  ),
  ruleOf(
    "nomad",
    "Method",
    ({ Type, Method }) =>
      Type === "http" &&
      Method !== "" &&
      !methods.includes(Method.toUpperCase()) &&
      `${JSON.stringify(Method)} is not an HTTP method.`,
  ),
];

const methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

function atLeastASecond(given: number): string {
  return given === 0 ? "is required: at least 1s." : "cannot be less than 1s.";
}

function taskProblem(name: string, place: Place): string | false {
  const owner = place.around(task);
  if (owner !== null) {
    return (
      name !== owner.Name &&
      `A check of a task's service belongs to that task, ${JSON.stringify(owner.Name)}.`
    );
  }
  const tasks = place.around(group)?.Tasks ?? [];
  return (
    name !== "" &&
    !tasks.some(({ Name }) => Name === name) &&
    `The check refers to a non-existent task, ${JSON.stringify(name)}.`
  );
}
