import { openVault } from "#mesh/ca/key-vault.ts";
import * as datacenterTables from "#mesh/datacenters/tables.ts";
import { Mesh, type MeshOptions } from "#mesh/mesh.ts";
import * as peeringTables from "#mesh/peering/tables.ts";
import * as meshTables from "#mesh/tables.ts";
import { KEYRING_DEFAULTS, type KeyringOptions } from "#model/keyring-options.ts";
import type { Log } from "#model/log.ts";
import { State } from "#state/state.ts";
import type { Table } from "#state/table.ts";
import type { Store } from "#store/store.ts";
import { Assignments } from "./assignments.ts";
import { CertificateAuthority } from "./certificate-authority.ts";
import { type ClusterOptions, ensureCluster } from "./cluster.ts";
import { followCluster } from "./cluster-view.ts";
import { DeploymentWatcher } from "./deployment-watcher.ts";
import { Drainer } from "./drains.ts";
import { EvaluationWorker } from "./evaluation-worker.ts";
import { Garbage } from "./garbage.ts";
import { Identities } from "./identities/identities.ts";
import { KeyCalendar } from "./identities/key-calendar.ts";
import { Keyring } from "./identities/keyring.ts";
import { keepSigningKeys } from "./identities/stored-keys.ts";
import { NodeLiveness } from "./node-liveness.ts";
import { Peerings } from "./peering/peerings.ts";
import { PeriodicJobs } from "./periodic-jobs.ts";
import { RootCalendar } from "./root-calendar.ts";
import * as tables from "./tables.ts";
import { VirtualAddresses } from "./virtual-addresses.ts";

const TABLES = [
  tables.nodes,
  tables.sidecarPorts,
  tables.jobs,
  tables.jobVersions,
  tables.submissions,
  tables.evaluations,
  tables.allocations,
  tables.deployments,
  tables.schedulerConfigurations,
  tables.launches,
  tables.scalingEvents,
  tables.keys,
  tables.identityKeys,
  tables.variables,
  tables.nodePools,
  tables.configWrites,
  meshTables.services,
  meshTables.virtualAddresses,
  meshTables.checks,
  meshTables.catalogNodes,
  meshTables.configEntries,
  meshTables.roots,
  meshTables.rootKeys,
  meshTables.caConfigurations,
  meshTables.proxyTokenSecrets,
  meshTables.cluster,
  datacenterTables.datacenters,
  datacenterTables.distantEndpoints,
  peeringTables.peerings,
  peeringTables.peeringSecrets,
  peeringTables.peerMeshes,
  peeringTables.importedServices,
] as readonly Table<never>[];

export interface ServerOptions extends MeshOptions, ClusterOptions {
  /** The URL that the identities of tasks name as their issuer. */
  readonly oidcIssuer?: string | null;
  readonly keyring?: KeyringOptions;
}

/** A server: the state, what is computed from it for the mesh, and the loops that carry jobs out. */
export class Server {
  readonly state: State;
  /** Signs the identities of tasks. */
  readonly identities: Identities;
  readonly keyring: Keyring;
  readonly #keyCalendar: KeyCalendar;
  readonly mesh: Mesh;
  readonly authority: CertificateAuthority;
  readonly peerings: Peerings;
  readonly #cluster: ReturnType<typeof followCluster>;
  readonly #roots: RootCalendar;
  readonly #worker: EvaluationWorker;
  readonly #deployments: DeploymentWatcher;
  readonly #drainer: Drainer;
  readonly #virtualAddresses: VirtualAddresses;
  readonly #periodic: PeriodicJobs;
  readonly garbage: Garbage;
  readonly nodes: NodeLiveness;
  readonly assignments: Assignments;

  private constructor(
    state: State,
    mesh: Mesh,
    authority: CertificateAuthority,
    peerings: Peerings,
    options: ServerOptions,
    log: Log,
  ) {
    this.state = state;
    this.mesh = mesh;
    this.authority = authority;
    this.keyring = new Keyring(state, options.vault ?? openVault);
    this.identities = new Identities(state, this.keyring, options.oidcIssuer ?? null);
    this.#keyCalendar = new KeyCalendar(
      this.keyring,
      options.keyring ?? KEYRING_DEFAULTS,
      log.named("keyring"),
    );
    this.peerings = peerings;
    this.#roots = new RootCalendar(state, authority, log.named("ca"));
    this.#cluster = followCluster(state);
    this.#worker = new EvaluationWorker(state, this.#cluster.cluster, log.named("scheduler"));
    this.#deployments = new DeploymentWatcher(state, log.named("deployments"));
    this.#virtualAddresses = new VirtualAddresses(state, log.named("mesh"));
    this.#drainer = new Drainer(state, log.named("drains"));
    this.#periodic = new PeriodicJobs(state, log.named("periodic"));
    this.garbage = new Garbage(state, log.named("garbage"));
    this.assignments = new Assignments(state);
    this.nodes = new NodeLiveness(state, log.named("nodes"));
  }

  static async start(store: Store, options: ServerOptions, log: Log): Promise<Server> {
    const state = await State.open(store, TABLES);
    try {
      await ensureCluster(state, options);
      await keepSigningKeys(state, options.vault ?? openVault);
    } catch (error) {
      await state.close();
      throw error;
    }
    const authority = new CertificateAuthority(state, options.vault);
    const mesh = new Mesh(state, options);
    const peerings = new Peerings(state, mesh, options.vault ?? openVault);
    return new Server(state, mesh, authority, peerings, options, log);
  }

  async close(): Promise<void> {
    this.nodes.close();
    this.assignments.close();
    this.garbage.close();
    this.#periodic.close();
    this.#drainer.close();
    this.#deployments.close();
    await this.#worker.close();
    this.#cluster.stop();
    this.#roots.close();
    this.#keyCalendar.close();
    this.#virtualAddresses.close();
    this.mesh.close();
    await this.state.close();
  }
}
