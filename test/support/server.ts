import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Allocation, AllocationUpdate, ClientStatus, TaskState } from "../../src/model/allocation.ts";
import { silentLog } from "../../src/model/log.ts";
import type { Node } from "../../src/model/node.ts";
import type { AllocationWithJob } from "../../src/server/assignments.ts";
import { registerNode, updateAllocations } from "../../src/server/node-requests.ts";
import { Server } from "../../src/server/server.ts";
import { allocations, jobKey } from "../../src/server/tables.ts";
import { SqliteStore } from "../../src/store/sqlite.ts";
import type { Store } from "../../src/store/store.ts";

export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  /** The allocations of a job, those that shall run first. */
  of(job: string): Allocation[];
  /** Adds a node on which every allocation does at once what `outcome` says. */
  join(node: Node, outcome?: (allocation: AllocationWithJob) => Outcome): SimulatedNode;
}

export interface Outcome {
  readonly status: ClientStatus;
  readonly healthy: boolean | null;
}

/** A node of which nothing is real but what it says. */
export interface SimulatedNode {
  /** It says nothing any more. */
  stop(): void;
  report(allocation: Pick<Allocation, "ID" | "DeploymentID">, outcome: Outcome): Promise<void>;
}

export const WELL: Outcome = { status: "running", healthy: true };

/** `through` may stand between the server and its store. */
export async function startServer(
  folder?: string,
  through: (store: Store) => Store = (store) => store,
): Promise<TestServer> {
  const own = folder ?? mkdtempSync(join(tmpdir(), "yurt-server-"));
  const store = new SqliteStore(join(own, "state.db"), { durable: false });
  const fail = (_: unknown, error: unknown) => {
    throw error;
  };
  const options = {
    datacenter: "dc1",
    defaultPolicy: "allow",
    leafLifetime: 3_600_000,
    leafFailed: fail,
  } as const;
  const server = await Server.start(through(store), options, silentLog);
  const stop = new AbortController();
  return {
    server,
    of: (job) =>
      server.state
        .find(allocations, "job", jobKey("default", job))
        .sort((a, b) => Number(b.DesiredStatus === "run") - Number(a.DesiredStatus === "run")),
    join: (node, outcome) => simulate(server, node, outcome ?? (() => WELL), stop.signal),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await server.close();
      if (folder === undefined) rmSync(own, { recursive: true });
    },
  };
}

function simulate(
  server: Server,
  node: Node,
  outcomeOf: (allocation: AllocationWithJob) => Outcome,
  end: AbortSignal,
): SimulatedNode {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, end]);
  const beat = setInterval(() => server.nodes.heard(node.ID), 1000).unref();
  signal.addEventListener("abort", () => clearInterval(beat));
  const said = new Map<string, ClientStatus>();
  const follow = async () => {
    server.nodes.heard(node.ID);
    await registerNode(server.state, node);
    for await (const assigned of server.assignments.of(node.ID, signal)) {
      const updates = assigned.flatMap((allocation) => newsOf(allocation, said, outcomeOf));
      if (updates.length > 0 && !signal.aborted) await updateAllocations(server.state, updates);
    }
  };
  void follow();
  return {
    stop: () => stop.abort(),
    report: (allocation, outcome) => updateAllocations(server.state, [update(allocation, outcome)]),
  };
}

function newsOf(
  allocation: AllocationWithJob,
  said: Map<string, ClientStatus>,
  outcomeOf: (allocation: AllocationWithJob) => Outcome,
): AllocationUpdate[] {
  const known = said.get(allocation.ID);
  const outcome: Outcome =
    allocation.DesiredStatus === "run"
      ? outcomeOf(allocation)
      : { status: known === "failed" ? "failed" : "complete", healthy: null };
  // A deployment asks anew how an allocation does that goes on.
  const isJudgedAnew = allocation.DeploymentStatus?.Healthy == null && outcome.healthy !== null;
  const isNews = (known !== outcome.status || isJudgedAnew) && known !== "complete" && known !== "failed";
  said.set(allocation.ID, outcome.status);
  return isNews ? [update(allocation, outcome)] : [];
}

function update(
  { ID, DeploymentID }: Pick<Allocation, "ID" | "DeploymentID">,
  { status, healthy }: Outcome,
): AllocationUpdate {
  const now = new Date().toISOString();
  const state: TaskState = {
    State: status === "running" ? "running" : "dead",
    Failed: status === "failed",
    Restarts: 0,
    LastRestart: null,
    StartedAt: now,
    FinishedAt: status === "running" ? null : now,
    Events: [],
  };
  return {
    ID,
    ClientStatus: status,
    ClientDescription: "",
    TaskStates: { main: state },
    DeploymentHealthy: healthy,
    DeploymentID,
    NetworkStatus: null,
  };
}
