import type { NodeId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import type { Node } from "#model/node.ts";
import type { State } from "#state/state.ts";
import { evaluateNode } from "./node-requests.ts";
import { allocations, jobVersions, nodes, versionKey } from "./tables.ts";

/** Milliseconds. A node says so often that it is there … */
export const HEARTBEAT = 3000;
/** … and after so long without a word it counts as down. */
const PATIENCE = 15_000;

/** Knows which nodes are heard of, and says so when one no longer is. */
export class NodeLiveness {
  readonly #state: State;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  readonly #heard = new Map<NodeId, number>();
  /** Nodes are given as much time after a start of the server as after their last word. */
  readonly #start = performance.now();

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), 1000).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A word of the node. False when it must register anew: it is not known, or was given up. */
  heard(id: NodeId): boolean {
    this.#heard.set(id, performance.now());
    const status = this.#state.get(nodes, id)?.Status;
    return status === "ready" || status === "initializing";
  }

  #look(): void {
    const now = performance.now();
    for (const node of this.#state.all(nodes)) {
      if (node.Status === "down" || node.Status === "disconnected") continue;
      if (now - (this.#heard.get(node.ID) ?? this.#start) < PATIENCE) continue;
      this.#heard.set(node.ID, now);
      this.#giveUp(node.ID).catch((error: unknown) =>
        this.#log.error("a silent node could not be given up", { node: node.ID, error }),
      );
    }
  }

  async #giveUp(id: NodeId): Promise<void> {
    await this.#state.transact((tx) => {
      const node = tx.get(nodes, id);
      if (node === undefined) return;
      const StatusUpdatedAt = Math.floor(Date.now() / 1000);
      const StatusDescription = `nothing was heard of the node for ${PATIENCE / 1000} s`;
      const silent: Node = { ...node, Status: this.#silence(node), StatusDescription, StatusUpdatedAt };
      tx.put(nodes, id, silent);
      evaluateNode(this.#state, tx, silent, "node-update");
    });
    this.#log.warn("a node is no longer heard of", { node: id });
  }

  /** A node that has something on it that may wait for its return is disconnected, another one is down. */
  #silence({ ID }: Node): Node["Status"] {
    const mayReturn = this.#state
      .find(allocations, "node", ID)
      .some(({ Namespace, JobID, JobVersion, TaskGroup }) => {
        const job = this.#state.get(jobVersions, versionKey(Namespace, JobID, JobVersion));
        const group = job?.TaskGroups.find(({ Name }) => Name === TaskGroup);
        return (group?.Disconnect?.LostAfter ?? 0) > 0;
      });
    return mayReturn ? "disconnected" : "down";
  }
}
