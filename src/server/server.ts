import { Mesh, type MeshOptions } from "#mesh/mesh.ts";
import * as meshTables from "#mesh/tables.ts";
import type { Log } from "#model/log.ts";
import { State } from "#state/state.ts";
import type { Table } from "#state/table.ts";
import type { Store } from "#store/store.ts";
import { ensureCluster } from "./cluster.ts";
import { followCluster } from "./cluster-view.ts";
import { DeploymentWatcher } from "./deployment-watcher.ts";
import { EvaluationWorker } from "./evaluation-worker.ts";
import * as tables from "./tables.ts";

const TABLES = [
  tables.nodes,
  tables.sidecarPorts,
  tables.jobs,
  tables.jobVersions,
  tables.evaluations,
  tables.allocations,
  tables.deployments,
  tables.schedulerConfigurations,
  meshTables.services,
  meshTables.checks,
  meshTables.catalogNodes,
  meshTables.configEntries,
  meshTables.roots,
  meshTables.cluster,
] as readonly Table<never>[];

/** A server: the state, what is computed from it for the mesh, and the loops that carry jobs out. */
export class Server {
  readonly state: State;
  readonly mesh: Mesh;
  readonly #cluster: ReturnType<typeof followCluster>;
  readonly #worker: EvaluationWorker;
  readonly #deployments: DeploymentWatcher;

  private constructor(state: State, mesh: Mesh, log: Log) {
    this.state = state;
    this.mesh = mesh;
    this.#cluster = followCluster(state);
    this.#worker = new EvaluationWorker(state, this.#cluster.cluster, log.named("scheduler"));
    this.#deployments = new DeploymentWatcher(state, log.named("deployments"));
  }

  static async start(store: Store, options: MeshOptions, log: Log): Promise<Server> {
    const state = await State.open(store, TABLES);
    await ensureCluster(state);
    return new Server(state, new Mesh(state, options), log);
  }

  async close(): Promise<void> {
    this.#deployments.close();
    await this.#worker.close();
    this.#cluster.stop();
    this.mesh.close();
    await this.state.close();
  }
}
