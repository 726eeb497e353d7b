import { isDeepStrictEqual } from "node:util";
import type { Protocol } from "#model/config-entry/protocol.ts";
import type { ToldGateway, ToldService } from "#model/peering/exchange.ts";
import { serviceUri, type TrustDomain } from "../ca/spiffe.ts";
import { cells } from "../cells.ts";
import { ChainError } from "../chain/chain-error.ts";
import type { ChainTarget, CompiledChain } from "../chain/compiled-chain.ts";
import type { ReadEntry } from "../chain/protocol.ts";
import { noOverrides } from "../chain/question.ts";
import { type Endpoint, sameEndpoints } from "../endpoint.ts";
import type { ExportedName } from "../gateway/elsewhere.ts";
import type { Instances } from "../instances.ts";
import type { Peers } from "./peers.ts";

/** What exports are made of. */
export interface ExportSurroundings {
  readonly datacenter: string;
  readonly entry: ReadEntry;
  readonly instances: Instances;
  readonly peers: Peers;
  trustDomain(): TrustDomain;
  protocol(service: string): Protocol;
  chain(service: string, overrides: typeof noOverrides): CompiledChain | ChainError;
  /** All services that have instances in the mesh. */
  reachedServices(): readonly string[];
}

/** What other meshes may call of this one, by the exported-services entry. */
export class Exports {
  readonly #mesh: ExportSurroundings;

  constructor(mesh: ExportSurroundings) {
    this.#mesh = mesh;
  }

  /** The services that a peer may call, in order of their names; `*` stands for all that are in the mesh. */
  readonly to = cells((peer): readonly string[] => {
    const entry = this.#mesh.entry("exported-services", "default");
    const names = (entry?.Services ?? [])
      .filter(({ Consumers }) => Consumers.some(({ Peer }) => Peer === peer))
      .flatMap(({ Name }) => (Name === "*" ? this.#mesh.reachedServices() : [Name]));
    // What is redirected to a peer is that peer's to export.
    return [...new Set(names)].filter((name) => this.#targets(name).length > 0).sort();
  }, isDeepStrictEqual);

  /** Everything that is exported to peers who are known. */
  names(): ExportedName[] {
    return this.#mesh.peers
      .all("")
      .flatMap(({ peer }) =>
        this.to(peer).map((service) => ({ service, peer, serverName: this.#serverName(service, peer) })),
      );
  }

  /** Names of the peers by whose callers a service is reached, be it by what its chain makes of another name. */
  callers(service: string): readonly string[] {
    return this.#callers("").get(service) ?? [];
  }

  readonly #callers = cells((): ReadonlyMap<string, readonly string[]> => {
    const pairs = this.names().flatMap(({ service, peer }) =>
      this.#targets(service).map(({ Service }) => ({ Service, peer })),
    );
    const grouped = Map.groupBy(pairs, ({ Service }) => Service);
    return new Map(
      [...grouped].map(([service, all]) => [service, [...new Set(all.map(({ peer }) => peer))]]),
    );
  }, isDeepStrictEqual);

  /** Where the connections go that gateways take for an exported service. */
  readonly endpoints = cells((service): readonly Endpoint[] => {
    const reached = this.#reached(service);
    return reached === null ? [] : this.#mesh.instances.endpointsOf(reached);
  }, sameEndpoints);

  /** What a peer is told of a service that is exported to it. */
  told(service: string, peer: string): ToldService {
    const { trustDomain, datacenter } = {
      trustDomain: this.#mesh.trustDomain(),
      datacenter: this.#mesh.datacenter,
    };
    const uris = this.#targets(service).map((target) =>
      serviceUri({ trustDomain, datacenter: target.Datacenter || datacenter, service: target.Service }),
    );
    return {
      name: service,
      protocol: this.#mesh.protocol(service),
      serverName: this.#serverName(service, peer),
      uris: [...new Set(uris)],
      instances: this.endpoints(service).map(({ node, id, address, port, healthy }) => ({
        ...{ node, id, address, port },
        status: healthy ? "passing" : "critical",
      })),
    };
  }

  /** What a peer is told of our gateways. */
  gateways(): readonly ToldGateway[] {
    return this.#mesh.instances.gatewaysForOthers("").map(({ id, address, port, healthy }) => ({
      ...{ id, address, port },
      status: healthy ? "passing" : "critical",
    }));
  }

  /** Consul's form. */
  #serverName(service: string, peer: string): string {
    return `${service}.default.default.${peer}.external.${this.#mesh.trustDomain()}`;
  }

  /** The first target that has a healthy instance, else the first; null where none is here. */
  #reached(service: string): ChainTarget | null {
    const targets = this.#targets(service);
    const well = targets.find((target) =>
      this.#mesh.instances.endpointsOf(target).some(({ healthy }) => healthy),
    );
    return well ?? targets[0] ?? null;
  }

  /**
   * By its resolver alone, with redirects and failovers: routers and splitters need a look at requests, which are
   * sealed on their whole way here.
   */
  #targets(service: string): readonly ChainTarget[] {
    const chain = this.#mesh.chain(service, { ...noOverrides, protocol: "tcp" });
    if (chain instanceof ChainError) return [];
    const start = chain.Nodes[chain.StartNode];
    if (start?.Type !== "resolver") return [];
    const { Target, Failover } = start.Resolver;
    return [Target, ...(Failover?.Targets ?? [])].flatMap((id) => {
      const target = chain.Targets[id];
      return target === undefined || target.Peer !== "" ? [] : [target];
    });
  }
}
