import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type AllocationUpdate, isTerminal } from "#model/allocation.ts";
import { type AllocationId, type NodeId, newId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import type { DriverInfo, HostVolume, Node } from "#model/node.ts";
import { pause } from "#model/pulse.ts";
import { retry } from "#model/retry.ts";
import { AllocationRunner } from "./allocation/allocation-runner.ts";
import { checkSocketPaths } from "./allocation/connect-proxy.ts";
import { BatchSender } from "./batch-sender.ts";
import { RegisteredChecks } from "./checks/registered-checks.ts";
import { watchDaemons } from "./daemon-watch.ts";
import { type DockerOptions, docker } from "./drivers/docker/docker.ts";
import type { Driver } from "./drivers/driver.ts";
import { isolatedExec } from "./drivers/isolated-exec.ts";
import { mockDriver } from "./drivers/mock-driver.ts";
import { rawExec } from "./drivers/raw-exec.ts";
import { defaultAddress, defaultMeta, driverAttributes, driverInfos, fingerprint } from "./fingerprint.ts";
import { obstacleToGroups, weighGroup } from "./host/control-group.ts";
import { isMissing } from "./host/state-file.ts";
import { Turns } from "./host/turns.ts";
import { clearHost, type Host, leaveHost, takeHost } from "./host-takeover.ts";
import { NodeAccess } from "./node-access.ts";
import type { NodeContext } from "./node-context.ts";
import type { AssignedAllocation, CheckUpdate, ServerLink } from "./server-link.ts";
import { Cores } from "./task/cores.ts";

export interface NodeOptions {
  readonly name: string;
  readonly datacenter: string;
  readonly nodePool: string;
  readonly nodeClass: string;
  readonly meta: Readonly<Record<string, string>>;
  /** Where allocations live, and what the node must know after a restart. */
  readonly dataFolder: string;
  /** Where services on the node are reached; null for the address by which the machine reaches others. */
  readonly address: string | null;
  /** Where the agent's own HTTP API is reached. */
  readonly httpAddress: string;
  /** Also the name of the packet rules' table and of the tasks' control group: one agent of a machine has it. */
  readonly bridge: string;
  /** Of the allocations in bridge mode. */
  readonly subnet: string;
  readonly envoyBinary: string;
  /** Folders of the host that jobs may mount, by name. */
  readonly hostVolumes: Readonly<Record<string, HostVolume>>;
  readonly docker: Omit<DockerOptions, "owner">;
  readonly link: ServerLink;
  readonly log: Log;
}

const SET_UP_AT_A_TIME = 32;

/** Milliseconds for what is being made to be whole, or taken away again, before the agent goes. */
const LEAVE_PATIENCE = 10_000;

/** So many allocations that have ended keep their files; of more, the oldest lose them. As in Nomad. */
const ENDED_KEPT = 50;

/** The agent of one machine: runs the allocations that the servers assign to it. */
export class NodeAgent {
  #node: Node;
  /** What people and the API may ask of the allocations here. */
  readonly access: NodeAccess;
  readonly #options: NodeOptions;
  readonly #host: Host;
  readonly #context: NodeContext;
  readonly #runners = new Map<AllocationId, AllocationRunner>();
  readonly #running = new Map<AllocationId, Promise<void>>();
  readonly #updates: BatchSender<AllocationUpdate>;
  readonly #checks: BatchSender<CheckUpdate>;
  readonly #registered: RegisteredChecks;
  readonly #reported = new Map<AllocationId, string>();
  readonly #stopping = new AbortController();
  #following: Promise<void> = Promise.resolve();

  private constructor(options: NodeOptions, host: Host, node: Node, drivers: NodeContext["drivers"]) {
    const { link, log } = options;
    this.#options = options;
    this.#host = host;
    this.#node = node;
    this.#registered = new RegisteredChecks({
      report: (update) => this.#checks.add(update, true),
      expired: (service) => void this.#deregister(service),
    });
    this.access = new NodeAccess(this.#runners, this.#registered);
    this.#updates = new BatchSender({
      keyOf: ({ ID }) => ID,
      send: (updates) => link.updateAllocations(updates),
      failed: (error) => log.warn("the servers do not take news of allocations", { error }),
    });
    this.#checks = new BatchSender({
      keyOf: ({ Node = node.Name, CheckID }) => `${Node}/${CheckID}`,
      send: (updates) => link.updateChecks(node.Name, updates),
      failed: (error) => log.warn("the servers do not take the results of checks", { error }),
    });
    const current = () => this.#node;
    this.#context = {
      get node() {
        return current();
      },
      ...{ drivers, link, log },
      dataFolder: options.dataFolder,
      controlGroup: options.bridge,
      bridge: host.bridge,
      state: host.state,
      turns: new Turns(SET_UP_AT_A_TIME),
      cores: new Cores(node.NodeResources.Cpu.ReservableCpuCores ?? [], log),
      envoyBinary: options.envoyBinary,
      // A copy: each look into the agent's own is a call of the system's library.
      environment: { ...process.env },
      reportCheck: (update) => this.#checks.add(update, true),
    };
  }

  get node(): Node {
    return this.#node;
  }

  /** Goes on with what an agent before it ran in the same data folder, and registers with the servers. */
  static async start(options: NodeOptions): Promise<NodeAgent> {
    checkSocketPaths(options.dataFolder);
    const host = await takeHost(options);
    if ((await obstacleToGroups()) === null) await weighGroup(options.bridge, availableParallelism());
    const drivers = driversOf(options);
    const known = new Set<string>(host.restored.map(({ ID }) => ID));
    await Promise.all(Object.values(drivers).map((driver) => driver.removeOthers((id) => known.has(id))));
    const agent = new NodeAgent(options, host, await nodeOf(options, host, drivers), drivers);
    await Promise.all(host.restored.map((allocation) => agent.#open(allocation)));
    agent.#following = agent.#follow();
    return agent;
  }

  /**
   * Ends every task and leaves nothing behind; or, with `leaveRunning`, lets everything run for the next agent
   * with this data folder.
   */
  async stop({ leaveRunning }: { readonly leaveRunning: boolean }): Promise<void> {
    this.#stopping.abort();
    this.#registered.stop();
    await this.#following;
    const runners = [...this.#runners.values()];
    if (leaveRunning) {
      const over = new AbortController();
      const left = Promise.all(runners.map((runner) => runner.leave())).finally(() => over.abort());
      await Promise.race([left, pause(LEAVE_PATIENCE, over.signal)]);
    } else {
      for (const runner of runners) runner.stop();
      await Promise.all(this.#running.values());
      await Promise.all(runners.map((runner) => runner.forget()));
    }
    await Promise.all([this.#updates.close(), this.#checks.close()]);
    if (leaveRunning) await leaveHost(this.#host, this.#options.dataFolder);
    else await clearHost(this.#host, this.#options);
  }

  async #follow(): Promise<void> {
    const { link, log } = this.#options;
    const { signal } = this.#stopping;
    const failed = (error: unknown) => log.warn("the servers cannot be reached", { error });
    await retry(() => link.registerNode(this.node), signal, failed);
    const follow = async () => {
      for await (const assigned of link.allocations(this.node.ID, signal)) await this.#take(assigned);
      if (!signal.aborted) throw new Error("the stream of allocations ended");
    };
    const followChecks = async () => {
      for await (const changes of link.registeredChecks(this.node.Name, signal))
        this.#registered.take(changes);
      if (!signal.aborted) throw new Error("the stream of registered checks ended");
    };
    const { drivers } = this.#context;
    const watching = watchDaemons(drivers, this.node.Drivers, (infos) => this.#driversChanged(infos), signal);
    await Promise.all([retry(follow, signal, failed), retry(followChecks, signal, failed), watching]);
  }

  async #driversChanged(infos: Readonly<Record<string, DriverInfo>>): Promise<void> {
    const { link, log } = this.#options;
    for (const [driver, { HealthDescription: state }] of Object.entries(infos))
      log.info("a driver has changed", { driver, state });
    this.#node = withDrivers(this.#node, infos);
    const failed = (error: unknown) => log.warn("the servers do not take news of the node", { error });
    await retry(() => link.registerNode(this.#node), this.#stopping.signal, failed);
  }

  async #deregister(service: string): Promise<void> {
    const { link, log } = this.#options;
    log.warn("a service was critical for as long as its check allows, and goes", { service });
    const failed = (error: unknown) => log.warn("the servers do not take it away", { service, error });
    await retry(() => link.deregisterService(this.node.Name, service), this.#stopping.signal, failed);
  }

  /** Brings what runs here in line with what is assigned. */
  async #take(assigned: readonly AssignedAllocation[]): Promise<void> {
    const wanted = new Set(assigned.map(({ ID }) => ID));
    for (const [id, runner] of this.#runners) if (!wanted.has(id)) void this.#remove(id, runner);
    await Promise.all(assigned.map((allocation) => this.#takeOne(allocation)));
    await this.#forgetOldest();
  }

  async #takeOne(allocation: AssignedAllocation): Promise<void> {
    const runner = this.#runners.get(allocation.ID);
    if (runner !== undefined) await runner.update(allocation);
    else if (!isTerminal(allocation.ClientStatus)) await this.#open(allocation);
  }

  async #open(allocation: AssignedAllocation): Promise<void> {
    const opening = this.#openRunner(allocation);
    this.#running.set(
      allocation.ID,
      opening.then((runner) => runner?.run()),
    );
    await opening;
  }

  async #openRunner(allocation: AssignedAllocation): Promise<AllocationRunner | null> {
    const report = (update: AllocationUpdate) => this.#report(update);
    const predecessor = () => this.#running.get(allocation.PreviousAllocation as AllocationId);
    try {
      const runner = await AllocationRunner.open(this.#context, allocation, report, predecessor);
      this.#runners.set(allocation.ID, runner);
      return runner;
    } catch (error) {
      this.#options.log.error("an allocation cannot be run", { alloc: allocation.ID, error });
      this.#updates.add(refusal(allocation, error), true);
      return null;
    }
  }

  /** The servers know it no longer. */
  async #remove(id: AllocationId, runner: AllocationRunner): Promise<void> {
    runner.stop();
    await this.#running.get(id);
    if (!runner.isEnded) return;
    await runner.forget();
    this.#runners.delete(id);
    this.#running.delete(id);
    this.#reported.delete(id);
  }

  async #forgetOldest(): Promise<void> {
    const ended = [...this.#runners.values()].filter((runner) => runner.isEnded);
    const surplus = ended.slice(0, Math.max(0, ended.length - ENDED_KEPT));
    await Promise.all(surplus.map((runner) => runner.forget()));
  }

  #report(update: AllocationUpdate): void {
    const digest = digestOf(update);
    const isUrgent = this.#reported.get(update.ID) !== digest;
    this.#reported.set(update.ID, digest);
    if (!this.#stopping.signal.aborted) this.#updates.add(update, isUrgent);
  }
}

function driversOf({ bridge, docker: settings }: NodeOptions): Readonly<Record<string, Driver>> {
  return {
    raw_exec: rawExec(bridge),
    exec: isolatedExec(bridge),
    docker: docker({ ...settings, owner: bridge }),
    mock_driver: mockDriver(),
  };
}

/** What of an update others wait for; the rest is for people to read. */
function digestOf({ ClientStatus, DeploymentHealthy, TaskStates }: AllocationUpdate): string {
  const states = Object.values(TaskStates).map(({ State, Failed }) => `${State} ${Failed}`);
  return [ClientStatus, DeploymentHealthy, ...states].join(",");
}

function refusal({ ID, DeploymentID }: AssignedAllocation, error: unknown): AllocationUpdate {
  return {
    ID,
    ClientStatus: "failed",
    ClientDescription: error instanceof Error ? error.message : String(error),
    TaskStates: {},
    DeploymentHealthy: false,
    DeploymentID,
    NetworkStatus: null,
  };
}

async function nodeOf(
  options: NodeOptions,
  { bridge, bridgeObstacle }: Host,
  drivers: Readonly<Record<string, Driver>>,
): Promise<Node> {
  // A machine without any network still reaches itself, and its namespaces reach it, by the bridge.
  const address = options.address ?? (await defaultAddress()) ?? bridge?.gateway ?? "127.0.0.1";
  const Drivers = await driverInfos(drivers);
  const { attributes, resources } = await fingerprint(options.dataFolder, address);
  const bridged: Record<string, string> =
    bridgeObstacle === null
      ? { "network.bridge": "true" }
      : { "network.bridge": "false", "network.bridge.reason": bridgeObstacle };
  return {
    ID: await nodeId(options.dataFolder),
    Name: options.name,
    Datacenter: options.datacenter,
    NodePool: options.nodePool,
    NodeClass: options.nodeClass,
    Address: address,
    HTTPAddr: options.httpAddress,
    HostNetworks: {},
    HostVolumes: options.hostVolumes,
    Attributes: { ...attributes, ...driverAttributes(Drivers), ...bridged },
    Meta: { ...defaultMeta, ...options.meta },
    Drivers,
    NodeResources: resources,
    ReservedResources: { ...resources, ...NOTHING },
    Status: "ready",
    StatusDescription: "",
    SchedulingEligibility: "eligible",
    Drain: false,
    DrainStrategy: null,
    LastDrain: null,
    StatusUpdatedAt: Math.floor(Date.now() / 1000),
  };
}

function withDrivers(node: Node, infos: Readonly<Record<string, DriverInfo>>): Node {
  const isOf = (key: string) => Object.keys(infos).some((name) => key.startsWith(`driver.${name}`));
  const others = Object.entries(node.Attributes).filter(([key]) => !isOf(key));
  return {
    ...node,
    Attributes: { ...Object.fromEntries(others), ...driverAttributes(infos) },
    Drivers: { ...node.Drivers, ...infos },
  };
}

const NOTHING = {
  Cpu: { CpuShares: 0, TotalCpuCores: 0, ReservableCpuCores: [] },
  Memory: { MemoryMB: 0 },
  Disk: { DiskMB: 0 },
};

/** The same for as long as the data folder lasts. */
async function nodeId(dataFolder: string): Promise<NodeId> {
  const file = join(dataFolder, "node-id");
  const known = await readFile(file, "utf8").catch((error) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (known !== null) return known.trim() as NodeId;
  const id = newId<NodeId>();
  await mkdir(dataFolder, { recursive: true });
  await writeFile(`${file}.new`, `${id}\n`);
  await rename(`${file}.new`, file);
  return id;
}
