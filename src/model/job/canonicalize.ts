import { basename, join } from "node:path/posix";
import { canonical } from "../schema/canonical.ts";
import { hour, minute, second } from "../schema/duration.ts";
import type { Input } from "../schema/schema.ts";
import type { ServiceCheck } from "./check.ts";
import type { TaskGroup } from "./group.ts";
import type { WorkloadIdentity } from "./identity.ts";
import type { Job, JobInput } from "./job.ts";
import { job } from "./job.ts";
import { migrate } from "./migrate.ts";
import type { ReschedulePolicy } from "./reschedule.ts";
import type { Resources } from "./resources.ts";
import type { RestartPolicy } from "./restart.ts";
import type { Service } from "./service.ts";
import type { Task } from "./task.ts";
import { update } from "./update.ts";

/**
 * The canonical form of a job: every field there, with what the job leaves to its type, its group or its names
 * filled in. The canonical form of a canonical job is itself.
 */
export function canonicalize(input: JobInput): Job {
  const filled = canonical(job, inherited(input));
  filled.Name ||= filled.ID;
  for (const group of filled.TaskGroups) nameGroup(filled, group);
  return filled;
}

type Defaults<T> = Readonly<Record<string, Input<T>>>;

const restartDefaults: Defaults<RestartPolicy> = {
  service: { Attempts: 2, Interval: 30 * minute, Delay: 15 * second, Mode: "fail" },
  system: { Attempts: 2, Interval: 30 * minute, Delay: 15 * second, Mode: "fail" },
  batch: { Attempts: 3, Interval: 24 * hour, Delay: 15 * second, Mode: "fail" },
  sysbatch: { Attempts: 3, Interval: 24 * hour, Delay: 15 * second, Mode: "fail" },
};

/** System and sysbatch jobs are not rescheduled. */
const rescheduleDefaults: Defaults<ReschedulePolicy> = {
  service: { Delay: 30 * second, DelayFunction: "exponential", MaxDelay: hour, Unlimited: true },
  batch: { Attempts: 1, Interval: 24 * hour, Delay: 5 * second, DelayFunction: "constant" },
};

const rollingTypes: readonly string[] = ["service", "system"];

/** Hands down what groups take from the job and tasks from their group. */
function inherited(input: JobInput): JobInput {
  const type = input.Type || "service";
  const update = input.Update ?? (rollingTypes.includes(type) ? {} : null);
  const reschedule = input.Reschedule && { ...rescheduleDefaults[type], ...given(input.Reschedule) };
  return {
    ...input,
    Update: update,
    Reschedule: reschedule ?? null,
    TaskGroups: (input.TaskGroups ?? []).map((group) =>
      inheritedGroup({ ...input, Type: type, Update: update, Reschedule: reschedule ?? null }, group),
    ),
  };
}

function inheritedGroup(from: JobInput, group: Input<TaskGroup>): Input<TaskGroup> {
  const type = from.Type ?? "";
  const RestartPolicy = merged(restartDefaults[type] ?? restartDefaults["batch"], group.RestartPolicy);
  const Count = group.Count ?? group.Scaling?.Min ?? 1;
  return {
    ...group,
    Count,
    Scaling: group.Scaling ? { ...group.Scaling, Min: group.Scaling.Min ?? Count } : null,
    RestartPolicy,
    Update: merged(from.Update && canonical(update, from.Update), group.Update),
    ReschedulePolicy: merged(from.Reschedule ?? rescheduleDefaults[type], group.ReschedulePolicy),
    Migrate: merged(from.Migrate ?? (type === "service" ? canonical(migrate, {}) : null), group.Migrate),
    Tasks: (group.Tasks ?? []).map((task) => inheritedTask(RestartPolicy, task)),
    Services: (group.Services ?? []).map(filledService),
  };
}

function inheritedTask(restart: Input<RestartPolicy> | null, task: Input<Task>): Input<Task> {
  const identities = (task.Identities ?? []).map(filledIdentity);
  return {
    ...task,
    RestartPolicy: merged(restart, task.RestartPolicy),
    Resources: filledResources(task.Resources),
    Services: (task.Services ?? []).map(filledService),
    Lifecycle: task.Lifecycle?.Hook || task.Lifecycle?.Sidecar ? task.Lifecycle : null,
    Artifacts: (task.Artifacts ?? []).map(filledArtifact),
    Templates: (task.Templates ?? []).map(filledTemplate),
    Vault: task.Vault
      ? { ...task.Vault, ChangeSignal: task.Vault.ChangeSignal?.toUpperCase() ?? null }
      : null,
    Identity: identities.find(isDefault) ?? filledIdentity(task.Identity ?? {}),
    Identities: identities.filter((identity) => !isDefault(identity)),
  };
}

const defaultIdentity = "default";

/** Whom the orchestrator's own API takes an identity to be for. */
const ownAudience = "nomadproject.io";

function filledIdentity(identity: Input<WorkloadIdentity>): Input<WorkloadIdentity> {
  const Name = identity.Name || defaultIdentity;
  return {
    ...identity,
    Name,
    Audience: Name === defaultIdentity ? [ownAudience] : (identity.Audience ?? []),
    ChangeSignal: identity.ChangeSignal?.toUpperCase() ?? null,
  };
}

function isDefault({ Name }: Input<WorkloadIdentity>): boolean {
  return Name === defaultIdentity;
}

/** Cores stand for processor time: only without them is there a default for it. */
function filledResources(resources: Input<Resources> | null | undefined): Input<Resources> {
  return { ...resources, CPU: resources?.CPU ?? (isAbsent(resources?.Cores) ? 100 : 0) };
}

function filledArtifact(artifact: Input<Task["Artifacts"][number]>): Input<Task["Artifacts"][number]> {
  const isFile = artifact.GetterMode === "file";
  return {
    ...artifact,
    RelativeDest:
      artifact.RelativeDest ?? (isFile ? join("local", basename(artifact.GetterSource ?? "")) : "local/"),
  };
}

function filledTemplate(template: Input<Task["Templates"][number]>): Input<Task["Templates"][number]> {
  const fallback = template.ChangeMode === "signal" ? "SIGHUP" : "";
  return { ...template, ChangeSignal: (template.ChangeSignal ?? fallback).toUpperCase() };
}

function filledService(service: Input<Service>): Input<Service> {
  return {
    ...service,
    Checks: (service.Checks ?? []).map((check) => filledCheck(service, check)),
  };
}

function filledCheck(service: Input<Service>, check: Input<ServiceCheck>): Input<ServiceCheck> {
  return {
    ...check,
    OnUpdate: check.OnUpdate || service.OnUpdate || null,
    CheckRestart: filledCheckRestart(service, check),
    SuccessBeforePassing: Math.max(0, check.SuccessBeforePassing ?? 0),
    FailuresBeforeCritical: Math.max(0, check.FailuresBeforeCritical ?? 0),
    FailuresBeforeWarning: Math.max(0, check.FailuresBeforeWarning ?? 0),
  };
}

/** The service's settings, and over them those that the check itself gives. */
function filledCheckRestart(
  service: Input<Service>,
  check: Input<ServiceCheck>,
): Input<ServiceCheck>["CheckRestart"] {
  const [outer, own] = [service.CheckRestart, check.CheckRestart];
  if (!outer || !own) return own ?? outer ?? null;
  return {
    Limit: own.Limit || outer.Limit || 0,
    Grace: own.Grace ?? outer.Grace ?? null,
    IgnoreWarnings: own.IgnoreWarnings || outer.IgnoreWarnings || false,
  };
}

/** Names that are made of other names. */
function nameGroup(job: Job, group: TaskGroup): void {
  for (const [name, volume] of Object.entries(group.Volumes)) volume.Name ||= name;
  for (const service of group.Services) nameService(service, [job.Name, group.Name]);
  for (const task of group.Tasks) {
    for (const service of task.Services) nameService(service, [job.Name, group.Name, task.Name]);
  }
}

function nameService(service: Service, within: [job: string, group: string, task?: string]): void {
  const [job, group, task] = within;
  service.TaskName ||= task ?? "";
  service.Name = replaced(service.Name || within.join("-"), {
    JOB: job,
    TASKGROUP: group,
    TASK: task ?? "group",
    BASE: `${job}-${group}-${task ?? "group"}`,
  });
  for (const check of service.Checks) {
    check.Name ||= `service: ${JSON.stringify(service.Name)} check`;
    check.TaskName ||= service.TaskName;
  }
  const addresses = service.Connect?.Gateway?.Proxy?.EnvoyGatewayBindAddresses ?? {};
  for (const [name, address] of Object.entries(addresses)) address.Name ||= name;
}

function replaced(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (reference, name: string) => values[name] ?? reference);
}

/** What is given in the second over the first; null when neither is there. */
function merged<T extends object>(base: T | null | undefined, over: T | null | undefined): T | null {
  return base || over ? ({ ...base, ...(over && given(over)) } as T) : null;
}

function given<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => !isAbsent(part))) as Partial<T>;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
