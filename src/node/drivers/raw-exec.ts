import { isAbsolute, join } from "node:path";
import type { Json } from "#model/schema/schema.ts";
import { ControlGroup, obstacleToGroups } from "../host/control-group.ts";
import { identityOf, type ProcessIdentity } from "../host/process-identity.ts";
import { confine } from "../host/processors.ts";
import {
  type AdoptedLaunch,
  type Driver,
  type PreparedTask,
  type RunningTask,
  StartError,
  type TaskExit,
  type TaskLaunch,
} from "./driver.ts";
import { readCommandConfig } from "./driver-config.ts";
import { startSession } from "./exec-session.ts";
import { type Candidate, candidates, firstRunnable } from "./find-program.ts";
import { usageOf } from "./resource-usage.ts";
import { throughShell } from "./shell-environment.ts";
import { killTask, signalTask, spawnSupervised, supervised, watch } from "./supervisor.ts";

/** Runs a task on the host as it is, with the host's files; only its network is the allocation's. */
export function rawExec(controlGroupParent: string): Driver {
  const groupOf = (id: string) => new ControlGroup(join(controlGroupParent, id));
  return {
    users: "host",
    needsDaemon: false,
    networks: null,
    removeOthers: async () => {},
    defaultUser: "root",
    obstacle: async () =>
      process.getuid?.() === 0 ? obstacleToGroups() : "the agent must run as root to start tasks",
    view: ({ alloc, local, secrets, tmp }) => ({ alloc, local, secrets, tmp }),
    locate: ({ source }) => source,
    prepare: async (launch) => prepare(launch, groupOf(launch.id)),
    adopt: async (launch, saved) => running(launch, groupOf(launch.id), readSaved(saved)),
  };
}

async function prepare(launch: TaskLaunch, group: ControlGroup): Promise<PreparedTask> {
  await group.destroy();
  await group.create();
  if (launch.cores !== null) await confine(group, launch.cores);
  const { args, workDir, ...config } = readCommandConfig(launch.config);
  refuseVolumes(launch);
  const program = await firstRunnable(config.command, placesOf(config.command, launch));
  const { command, environment } = throughShell({
    command: [...asUser(launch), program, ...args],
    environment: launch.environment,
  });
  const wrapped = [...entering(group, launch), ...seeing(launch.resolvConf), ...supervised(command)];
  const cwd = workDir ?? launch.folder.root;
  const { pid, begin, discard } = spawnSupervised(wrapped, { ...launch, environment, cwd });
  const identity = identityOf(pid);
  if (identity === null) throw new StartError("the task's process was gone as soon as it was made");
  return {
    saved: { ...identity },
    begin: async () => {
      begin();
      return running(launch, group, identity);
    },
    discard: async () => {
      discard();
      await group.destroy();
    },
  };
}

/** The sockets of a proxy are where they are; a volume would have to be somewhere else. */
function refuseVolumes({ mounts }: TaskLaunch): void {
  const volume = mounts.find(({ propagation }) => propagation !== undefined);
  if (volume === undefined) return;
  throw new StartError(
    `raw_exec sees the host as it is and cannot mount a volume at ${volume.destination}: use ${volume.source}, or the driver exec`,
  );
}

/** A relative path is looked for in the task's folder, a bare name on PATH as well. */
function placesOf(command: string, { environment, folder }: TaskLaunch): Candidate[] {
  const inFolder = isAbsolute(command)
    ? []
    : [folder.local, folder.root].map((path) => ({
        asTask: join(path, command),
        onHost: join(path, command),
      }));
  const isPath = command.includes("/") && !isAbsolute(command);
  return [...inFolder, ...(isPath ? [] : candidates(command, environment["PATH"] ?? "", (path) => path))];
}

type Place = Pick<AdoptedLaunch, "networkNamespace">;

/** Joins the control group before anything else, so that nothing can be started outside of it. */
function entering(group: ControlGroup, { networkNamespace }: Place): string[] {
  const join = group.joinFiles.flatMap((file) => ["/bin/sh", "-c", 'echo 0 >"$0" && exec "$@"', file]);
  return networkNamespace === null ? join : [...join, "/usr/bin/nsenter", `--net=${networkNamespace}`, "--"];
}

/** In a view of the host's files that differs in one of them. */
function seeing(resolvConf: string | null): string[] {
  if (resolvConf === null) return [];
  const bind = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  return ["/usr/bin/unshare", "--mount", "--propagation", "slave", "/bin/sh", "-c", bind, resolvConf];
}

function asUser({ account: { uid, gid } }: Pick<AdoptedLaunch, "account">): string[] {
  if (uid === process.getuid?.()) return [];
  return ["/usr/bin/setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "--"];
}

function readSaved(saved: Json): ProcessIdentity {
  return saved as unknown as ProcessIdentity;
}

function running(launch: AdoptedLaunch, group: ControlGroup, supervisor: ProcessIdentity): RunningTask {
  const { ended, stop } = watch(launch.stateFolder);
  return {
    pid: supervisor.pid,
    ended: ended.then(async (code): Promise<TaskExit> => {
      // What the task has left behind goes with it.
      await group.destroy();
      return code === null ? lost : { kind: "exited", code, isOutOfMemory: false };
    }),
    signal: (name) => signalTask(supervisor, name),
    kill: () => killTask(supervisor, ended, group),
    exec: async ({ command, tty }) => {
      const [program = "", ...args] = command;
      const inside = throughShell({
        command: [...asUser(launch), program, ...args],
        environment: launch.environment,
      });
      return startSession({
        command: [...entering(group, launch), ...seeing(launch.resolvConf), ...inside.command],
        environment: inside.environment,
        cwd: launch.folder.root,
        tty,
      });
    },
    usage: async () => usageOf(await group.pids()),
    confine: (cores) => confine(group, cores),
    leave: stop,
    forget: async () => {},
  };
}

const lost: TaskExit = {
  kind: "lost",
  reason: "the process that watches over the task was killed, or the machine was restarted",
};
