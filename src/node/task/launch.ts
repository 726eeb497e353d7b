import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { ENVOY_VERSION } from "#model/envoy-binary.ts";
import type { TaskGroup } from "#model/job/group.ts";
import { readProxyKind } from "#model/job/proxy-kind.ts";
import type { Task } from "#model/job/task.ts";
import { type AllocationHome, upstreamsOf } from "../allocation/allocation-home.ts";
import type { ConnectProxy } from "../allocation/connect-proxy.ts";
import { makeTaskFolder, taskFolder } from "../allocation/folders.ts";
import type { AdoptedLaunch, Driver, TaskLaunch } from "../drivers/driver.ts";
import { interpolate, interpolateJson, nodeReferences } from "../environment/interpolation.ts";
import { type TaskParts, taskEnvironment } from "../environment/task-environment.ts";
import { type Account, findAccount, root } from "../host/accounts.ts";
import { PROXY_GROUP } from "../network/redirection.ts";
import type { NodeContext } from "../node-context.ts";
import type { AssignedAllocation } from "../server-link.ts";
import type { TemplateContext } from "../templates/task-templates.ts";
import type { TaskFiles } from "../templates/template-files.ts";
import { volumeMounts } from "./volume-mounts.ts";

/** Everything that decides how a task is started. */
export interface LaunchParts {
  readonly context: NodeContext;
  readonly allocation: AssignedAllocation;
  readonly group: TaskGroup;
  readonly task: Task;
  readonly driver: Driver;
  readonly home: AllocationHome;
  /** Of a task that is a proxy. */
  readonly proxy: ConnectProxy | null;
}

const MEGABYTE_OF_SECRETS = 1;

/** As whom a task runs. */
function ownerOf({ task, driver }: Pick<LaunchParts, "task" | "driver">): Account {
  const account = driver.users === "own" ? root : findAccount(task.User || driver.defaultUser);
  // Its group tells a proxy's connections from those of the tasks, which may be of the same user.
  return readProxyKind(task.Kind) === null ? account : { ...account, gid: PROXY_GROUP };
}

/** Makes the folders of a task, as far as they are not there. Gives as whom it runs. */
export function prepareTask({ task, driver, home }: Pick<LaunchParts, "task" | "driver" | "home">): Account {
  const owner = ownerOf({ task, driver });
  const secretsMB = task.Resources.SecretsMB || MEGABYTE_OF_SECRETS;
  mkdirSync(taskStateFolder(home, task.Name), { recursive: true, mode: 0o700 });
  makeTaskFolder(taskFolder(home.folder, task.Name), owner, driver.users, secretsMB);
  return owner;
}

/**
 * Brings what a task needs into its folder, and gives the variables of templates for its environment; null when it
 * is to stop.
 */
export type Prepare = (context: TemplateContext) => Promise<Record<string, string> | null>;

/** From the job to what a driver needs. Null when the task was told to stop before all was prepared. */
export async function launchOf(
  parts: LaunchParts,
  prepare: Prepare,
  signal: AbortSignal,
): Promise<TaskLaunch | null> {
  const { context, allocation, group, task, driver, home, proxy } = parts;
  signalNamed(task.KillSignal || DEFAULT_KILL_SIGNAL);
  const account = ownerOf(parts);
  const folder = taskFolder(home.folder, task.Name);
  const view = driver.view(folder);
  const environmentParts: TaskParts = {
    ...{ allocation, group, task, view, templates: {} },
    ...{ network: home.network, upstreams: upstreamsOf(allocation) },
    datacenter: context.node.Datacenter,
    controlGroup: context.controlGroup,
    node: nodeReferences(context.node),
    host: context.environment,
  };
  const references = { environment: taskEnvironment(environmentParts), node: environmentParts.node };
  const templates = await prepare(templateContext(parts, { folder, view, owner: account, references }));
  if (templates === null) return null;
  const environment = taskEnvironment({ ...environmentParts, templates });
  const mounts = [...(proxy?.mounts ?? []), ...volumeMounts(parts, references)];
  await proxy?.writeBootstrap({ folder, account }, signal);
  if (signal.aborted) return null;
  const index = group.Tasks.findIndex(({ Name }) => Name === task.Name);
  return {
    id: `${allocation.ID}-${index}-${task.Name.replaceAll(/[^\w.-]/g, "_")}`,
    allocation: allocation.ID,
    name: task.Name,
    user: task.User,
    address: home.network?.address ?? null,
    ports: allocation.AllocatedResources.Shared.Ports,
    config: configOf(parts, {
      environment: { ...environment, NOMAD_envoy_version: ENVOY_VERSION },
      node: environmentParts.node,
    }),
    ...{ environment, account, folder, mounts },
    stateFolder: taskStateFolder(home, task.Name),
    stdout: outputFile(home, task, "stdout"),
    stderr: outputFile(home, task, "stderr"),
    networkNamespace: home.networkNamespace,
    resolvConf: home.resolvConf,
    ...limitsOf(allocation, task),
    cores: reservedCores(parts) ?? context.cores.shared,
  };
}

/** What the templates of a task that runs are carried out with. */
export function runningContext(parts: LaunchParts, launch: AdoptedLaunch): TemplateContext {
  const { folder, account, environment } = launch;
  const references = { environment, node: nodeReferences(parts.context.node) };
  return templateContext(parts, { folder, owner: account, view: parts.driver.view(folder), references });
}

function templateContext({ allocation, group, task }: LaunchParts, files: TaskFiles): TemplateContext {
  const services = [...group.Services, ...task.Services].map(({ Name }) =>
    interpolate(Name, files.references),
  );
  return { files, namespace: allocation.Namespace, ownServices: services };
}

export function taskStateFolder(home: AllocationHome, task: string): string {
  return join(home.state, "tasks", task);
}

/** The file that the task itself appends to. */
export function outputFile(home: AllocationHome, task: Task, type: "stdout" | "stderr"): string {
  return task.LogConfig.Disabled ? "/dev/null" : join(taskStateFolder(home, task.Name), type);
}

function configOf(
  { task, driver, proxy }: LaunchParts,
  references: Parameters<typeof interpolateJson>[1],
): TaskLaunch["config"] {
  const config = Object.fromEntries(
    Object.entries(task.Config).map(([key, value]) => [key, interpolateJson(value, references)]),
  );
  const isOurEnvoy = proxy !== null && config["command"] === "envoy";
  return isOurEnvoy ? { ...config, command: driver.locate(proxy.envoy) } : config;
}

function limitsOf(allocation: AssignedAllocation, { Name, Resources }: Task) {
  const allocated = allocation.AllocatedResources.Tasks[Name];
  return {
    cpu: allocated?.Cpu.CpuShares ?? Resources.CPU,
    memoryMB: allocated?.Memory.MemoryMB ?? Resources.MemoryMB,
    memoryMaxMB: allocated?.Memory.MemoryMaxMB ?? Resources.MemoryMaxMB ?? 0,
  };
}

/** Those that the task has for itself; null where it shares the others with all tasks. */
export function reservedCores({ allocation, task }: Pick<LaunchParts, "allocation" | "task">) {
  return allocation.AllocatedResources.Tasks[task.Name]?.Cpu.ReservedCores ?? null;
}

/** What asks a task to end when its job does not name a signal. */
export const DEFAULT_KILL_SIGNAL = "SIGINT";

/** With `SIG` or without. Throws an error in words for what is no signal. */
export function signalNamed(text: string): NodeJS.Signals {
  const name = text.toUpperCase().replace(/^(SIG)?/, "SIG");
  if (name in constants.signals) return name as NodeJS.Signals;
  throw new Error(`"${text}" is not a signal: write one such as SIGTERM`);
}
