import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TaskState } from "#model/allocation.ts";
import { type AllocationId, type DeploymentId, newId } from "#model/id.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { JobInput } from "#model/job/job.ts";
import type { Task } from "#model/job/task.ts";
import { type LogLevel, newLog } from "#model/log.ts";
import type { Input } from "#model/schema/schema.ts";
import { usableProcessors } from "#node/host/processors.ts";
import { NodeAgent, type NodeOptions } from "#node/node-agent.ts";
import type { AssignedAllocation } from "#node/server-link.ts";
import { until } from "../support/wait.ts";
import { MemoryLink } from "./memory-link.ts";

/** An Envoy that set-up has brought. */
export const ENVOY = resolve(import.meta.dirname, "../../.setup/envoy/envoy");

/** A node of its own, with a bridge and a subnet that no other test has. */
export class TestNode {
  readonly link = new MemoryLink();
  readonly options: NodeOptions;
  agent: NodeAgent;

  private constructor(options: NodeOptions, link: MemoryLink, agent: NodeAgent) {
    this.options = options;
    this.link = link;
    this.agent = agent;
  }

  static async start(changes: Partial<NodeOptions> = {}): Promise<TestNode> {
    const link = new MemoryLink();
    const options = { ...testOptions(changes.dataFolder), link, ...changes };
    try {
      return new TestNode(options, link, await NodeAgent.start(options));
    } catch (error) {
      rmSync(options.dataFolder, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.agent.stop({ leaveRunning: false });
    rmSync(this.options.dataFolder, { recursive: true });
  }

  /** Ends the agent as it would be ended for an update, and starts the next one on the same folder. */
  async restart({ isStopped = false } = {}): Promise<void> {
    if (!isStopped) await this.agent.stop({ leaveRunning: true });
    this.agent = await NodeAgent.start(this.options);
  }

  /** Waits until a task's output holds a text. */
  async hasPrinted(id: AllocationId, text: string, task = "main"): Promise<void> {
    await until(`${task} has printed "${text}"`, async () =>
      (await this.logs(id, "stdout", task)).includes(text),
    );
  }

  /** Gives the node an allocation as the scheduler would, of which it tells the id. */
  place(group: TestGroup): AllocationId {
    const allocation = allocate(group);
    this.link.add(allocation);
    return allocation.ID;
  }

  state(id: AllocationId, task = "main"): TaskState | undefined {
    return this.link.updates.get(id)?.TaskStates[task];
  }

  /** What has happened to a task, in lines. */
  events(id: AllocationId, task = "main"): string {
    const events = this.state(id, task)?.Events ?? [];
    return events.map(({ Type, DisplayMessage }) => `${Type}: ${DisplayMessage}`).join("\n");
  }

  /** With which code a task has ended, as its events say. */
  exitCode(id: AllocationId, task = "main"): string | undefined {
    return this.state(id, task)?.Events.find(({ Type }) => Type === "Terminated")?.Details["exit_code"];
  }

  /** Waits until a task is in a state. */
  async until(id: AllocationId, state: TaskState["State"], task = "main"): Promise<TaskState> {
    await this.link.until(() => this.state(id, task)?.State === state, `${task} to be ${state}`);
    const reached = this.state(id, task);
    if (reached === undefined) throw new Error("a state that was there is gone");
    return reached;
  }

  /** Waits until an allocation is over and nothing of it is left but files. */
  async ended(id: AllocationId): Promise<void> {
    await this.link.until(() => this.link.isEnded(id), `the end of ${id}`);
  }

  async logs(id: AllocationId, type: "stdout" | "stderr" = "stdout", task = "main"): Promise<string> {
    const signal = new AbortController().signal;
    const reading = { type, follow: false, offset: 0, origin: "start", signal } as const;
    return Buffer.concat(await Array.fromAsync(this.agent.access.logs(id, task, reading))).toString();
  }

  /** The output of a task that is dead or will be. */
  async wholeLogs(id: AllocationId, type: "stdout" | "stderr" = "stdout", task = "main"): Promise<string> {
    const signal = AbortSignal.timeout(20_000);
    const reading = { type, follow: true, offset: 0, origin: "start", signal } as const;
    return Buffer.concat(await Array.fromAsync(this.agent.access.logs(id, task, reading))).toString();
  }
}

export const dockerOptions = (socketPath: string): NodeOptions["docker"] => ({
  ...{ socketPath, mayBePrivileged: false, removesContainers: true, imageDelay: null },
  credentials: { configFile: null, helper: null },
});

function testOptions(dataFolder = mkdtempSync(join(tmpdir(), "yurt-"))): Omit<NodeOptions, "link"> {
  const [bridge, subnet] = freeNetwork();
  const level = (process.env["YURT_TEST_LOG"] as LogLevel | undefined) ?? "error";
  return {
    ...{ bridge, subnet, name: bridge, datacenter: "dc1", nodePool: "default", nodeClass: "", meta: {} },
    dataFolder,
    address: null,
    httpAddress: "127.0.0.1:4646",
    envoyBinary: ENVOY,
    hostVolumes: {},
    docker: dockerOptions("/var/run/docker.sock"),
    log: newLog({ level, json: false, colour: false, write: (line) => process.stderr.write(line) }),
  };
}

/** From the process id, so that tests that run at the same time do not meet; away from the default. */
let networks = 0;
function freeNetwork(): [bridge: string, subnet: string] {
  const number = networks++;
  const index = (process.pid * 16 + number) % 4096;
  return [`yt${process.pid}n${number}`, `10.${200 + Math.floor(index / 256)}.${index % 256}.0/24`];
}

/** A RestartPolicy. */
export const never = { Attempts: 0, Mode: "fail" } as const;

export type TaskInput = Input<Task>;

export interface TestGroup extends Omit<Input<TaskGroup>, "Tasks"> {
  readonly Tasks: readonly TaskInput[];
  readonly Type?: "service" | "batch";
}

let ports = 0;

/** An allocation of a job with one group, as the scheduler would place it. */
export function allocate({ Type = "service", ...group }: TestGroup, version = 0): AssignedAllocation {
  const input: JobInput = {
    ID: "test",
    Type,
    Version: version,
    TaskGroups: [{ Name: "group", ...group, Tasks: [...group.Tasks] }],
  };
  const job = canonicalize(input);
  const [placed] = job.TaskGroups;
  if (placed === undefined) throw new Error("the job has no group");
  const network = placed.Networks[0];
  const allPorts = [...(network?.ReservedPorts ?? []), ...(network?.DynamicPorts ?? [])];
  return {
    ID: newId<AllocationId>(),
    Namespace: "default",
    EvalID: newId(),
    Name: "test.group[0]",
    NodeID: newId(),
    NodeName: "",
    JobID: "test",
    JobVersion: version,
    JobType: Type,
    TaskGroup: "group",
    AllocatedResources: {
      Tasks: Object.fromEntries(
        placed.Tasks.map(({ Name, Resources: { CPU, Cores, MemoryMB, MemoryMaxMB } }) => [
          Name,
          {
            Cpu: { CpuShares: CPU, ReservedCores: firstCores(Cores) },
            Memory: { MemoryMB, MemoryMaxMB: MemoryMaxMB ?? 0 },
          },
        ]),
      ),
      Shared: {
        DiskMB: 300,
        Networks: placed.Networks,
        Ports: allPorts.map(({ Label, Value, To }) => {
          const host = Value || freePort();
          return { Label, Value: host, To: To > 0 ? To : host, HostIP: "" };
        }),
      },
    },
    DesiredStatus: "run",
    DesiredDescription: "",
    DesiredTransition: { Migrate: false, Reschedule: false },
    ClientStatus: "pending",
    ClientDescription: "",
    TaskStates: {},
    DeploymentID: "deployment-0" as DeploymentId,
    DeploymentStatus: null,
    NetworkStatus: null,
    PreviousAllocation: "",
    NextAllocation: "",
    FollowupEvalID: "",
    PreemptedByAllocation: "",
    CreateTime: 0,
    ModifyTime: 0,
    Job: job,
  };
}

/** The numbers of the processors that tests have; those of a container of a machine need not begin with 0. */
export const PROCESSORS = await usableProcessors();

/** Why cores cannot be shared out here; false when they can. */
export const withoutCores = PROCESSORS.length < 2 && "there is but one processor here";

const firstCores = (count: number) => (count === 0 ? null : PROCESSORS.slice(0, count));

/** Below the range of outgoing connections; each test process has a range of its own. */
function freePort(): number {
  return 20_000 + ((process.pid * 37 + ports++) % 12_000);
}

/** A task that runs a line of shell. */
export function shell(line: string, task: TaskInput = {}): TaskInput {
  return {
    Name: "main",
    Driver: "raw_exec",
    ...task,
    Config: { command: "/bin/sh", args: ["-c", line] },
  };
}

export const bridged = (...ports: readonly { Label: string; To?: number; Value?: number }[]) => [
  {
    Mode: "bridge",
    ReservedPorts: ports.filter(({ Value }) => Value),
    DynamicPorts: ports.filter(({ Value }) => !Value),
  },
];

/** Whatever of a node can be seen on the host. */
export function traces({ bridge, dataFolder }: Pick<NodeOptions, "bridge" | "dataFolder">): string[] {
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" });
  const groups = readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}/${bridge}`);
  const lines = [
    ...run("ip", "-o", "link", "show").split("\n"),
    ...run("nft", "list", "tables").split("\n"),
    ...readFileSync("/proc/self/mountinfo", "utf8").split("\n"),
    ...run("ps", "-eo", "args").split("\n"),
    ...groups.filter((path) => readdirSync("/sys/fs/cgroup").length > 0 && exists(path)),
  ];
  return lines.filter((line) => line.includes(bridge) || line.includes(dataFolder));
}

function exists(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
