import type { Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { formatDuration } from "../../schema/duration.ts";
import type { Connect } from "../connect.ts";
import type { TaskGroup } from "../group.ts";
import { group } from "../group.ts";
import { job } from "../job.ts";
import { logs } from "../logs.ts";
import { type ProxyKind, type ProxyRole, readProxyKind, roleOfGateway } from "../proxy-kind.ts";
import { device, resources } from "../resources.ts";
import { action, dispatchPayload, lifecycle, task } from "../task.ts";
import { escapesAllocation } from "./files.ts";
import { repeated } from "./repeated.ts";

export const taskRules: readonly Rule[] = [
  rule(
    task,
    null,
    ({ Name }) => Name === "alloc" && 'A task cannot be named "alloc": the directory of that name is shared.',
  ),
  rule(task, null, ({ Name }) => /[/\\]/.test(Name) && "A task's name cannot include slashes."),
  rule(task, null, ({ Name }) => Name.includes("\0") && "A task's name cannot include null characters."),
  rule(
    task,
    "Driver",
    ({ Driver }) => Driver === "" && 'Missing task driver: write driver = "exec", for example.',
  ),
  rule(task, "KillTimeout", ({ KillTimeout }) => KillTimeout < 0 && "kill_timeout must be a positive value."),
  rule(task, "KillTimeout", ({ KillTimeout }, place) => {
    const deadline = place.around(group)?.Update?.ProgressDeadline ?? 0;
    return (
      place.around(job)?.Type === "service" &&
      deadline > 0 &&
      KillTimeout > deadline &&
      `kill_timeout (${formatDuration(KillTimeout)}) is longer than the group's progress_deadline (${formatDuration(deadline)}).`
    );
  }),
  rule(
    task,
    "Affinities",
    ({ Affinities }, place) =>
      place.around(job)?.Type === "system" &&
      Affinities.length > 0 &&
      "System jobs may not have an affinity: they run on every node.",
  ),
  rule(task, "Constraints", ({ Constraints }) => distinct(Constraints, "at task level")),
  rule(task, "Actions", ({ Actions }) => repeated(Actions, "Actions", ({ Name }) => Name, "action")),
  rule(
    task,
    "Kind",
    ({ Kind, Services }) =>
      readProxyKind(Kind) !== null &&
      Services.length > 0 &&
      "A Connect proxy task must not have a service block.",
  ),
  rule(
    task,
    "Kind",
    ({ Kind, Leader }) =>
      readProxyKind(Kind) !== null && Leader && "A Connect proxy task must not have leader set.",
  ),
  rule(task, "Kind", ({ Kind }, place) => {
    const [around, proxy] = [place.around(group), readProxyKind(Kind)];
    return around !== null && proxy !== null && proxiedService(proxy, around);
  }),
  rule(
    lifecycle,
    "Hook",
    ({ Hook }) =>
      Hook === ("" as string) && 'No lifecycle hook provided: write hook = "prestart", for example.',
  ),
  rule(action, "Command", ({ Command }) => Command === "" && "The command cannot be empty."),
  rule(
    action,
    "Name",
    ({ Name }) =>
      !/^[^\0\s]{1,128}$/.test(Name) &&
      `Invalid name ${JSON.stringify(Name)}: at most 128 characters, without spaces.`,
  ),
  rule(
    dispatchPayload,
    "File",
    ({ File }) => escapesAllocation(`local/${File}`) && "The destination escapes the allocation's directory.",
  ),
];

function proxiedService({ role, service }: ProxyKind, { Services }: TaskGroup): string | false {
  const connected = Services.filter(({ Connect }) => roleIn(Connect) === role).map(({ Name }) => Name);
  const [block, whose] =
    role === "proxy" ? ["Connect", "Connect proxy"] : [`Connect ${role} gateway`, `Connect ${role} gateway`];
  if (connected.includes(service)) return false;
  if (connected.length === 0)
    return `No ${block} services in task group with ${whose} (${JSON.stringify(service)}).`;
  return `${whose} service name (${JSON.stringify(service)}) not found in ${block} services from task group: ${connected.join(", ")}.`;
}

function roleIn(connect: Connect | null): ProxyRole | null {
  if (connect?.SidecarService) return "proxy";
  return connect?.Gateway ? roleOfGateway(connect.Gateway) : null;
}

export const resourceRules: readonly Rule[] = [
  rule(
    resources,
    "CPU",
    ({ CPU, Cores }) => CPU < 1 && Cores === 0 && `The minimum CPU value is 1, but ${CPU} is given.`,
  ),
  rule(
    resources,
    "CPU",
    ({ CPU, Cores }) => CPU > 0 && Cores > 0 && "A task can only ask for cpu or cores, not both.",
  ),
  rule(
    resources,
    "MemoryMB",
    ({ MemoryMB }) => MemoryMB < 10 && `The minimum memory is 10 MB, but ${MemoryMB} is given.`,
  ),
  rule(
    resources,
    "MemoryMaxMB",
    ({ MemoryMB, MemoryMaxMB }) =>
      MemoryMaxMB !== null &&
      MemoryMaxMB !== 0 &&
      MemoryMaxMB !== -1 &&
      MemoryMaxMB < MemoryMB &&
      `memory_max (${MemoryMaxMB}) should be larger than memory (${MemoryMB}).`,
  ),
  rule(
    resources,
    "DiskMB",
    ({ DiskMB }) => (DiskMB ?? 0) > 0 && "A task can't ask for disk: write ephemeral_disk in its group.",
  ),
  rule(resources, "SecretsMB", ({ SecretsMB, MemoryMB }) => {
    if ((SecretsMB ?? 0) < 0) return `secrets (${SecretsMB}) cannot be negative.`;
    return (
      (SecretsMB ?? 0) > MemoryMB && `secrets (${SecretsMB}) cannot be larger than memory (${MemoryMB}).`
    );
  }),
  rule(resources, "NUMA", ({ NUMA, Devices }) => {
    const unknown = NUMA?.Devices.find((name) => !Devices.some(({ Name }) => Name === name));
    return (
      unknown !== undefined &&
      `The numa device ${JSON.stringify(unknown)} is not requested by a device block.`
    );
  }),
  rule(
    device,
    null,
    ({ Name }) => Name === "" && "A device is named by its type, vendor/type or vendor/type/name.",
  ),
  rule(device, "Constraints", ({ Constraints }) => distinct(Constraints, "of a device")),
  rule(logs, null, ({ MaxFiles, MaxFileSizeMB }, place) => {
    const disk = place.around(group)?.EphemeralDisk.SizeMB ?? Number.POSITIVE_INFINITY;
    return (
      disk <= MaxFiles * MaxFileSizeMB &&
      `The log storage (${MaxFiles * MaxFileSizeMB} MB) must be less than the group's ephemeral disk (${disk} MB).`
    );
  }),
];

function distinct(constraints: readonly { readonly Operand: string }[], where: string) {
  return constraints.flatMap(({ Operand }, index) =>
    Operand === "distinct_hosts" || Operand === "distinct_property"
      ? [{ at: ["Constraints", index], detail: `The operator ${Operand} is not allowed ${where}.` }]
      : [],
  );
}
