import type { JwtProvider } from "#model/config-entry/config-entry.ts";
import { type AccessRules, accessRules } from "./access-rules.ts";
import { cells } from "./cells.ts";
import type { ReadEntry } from "./chain/protocol.ts";
import { decide } from "./intention-decision.ts";
import { type DefaultPolicy, type Intention, intentionsOf, local, providersNamed } from "./intentions.ts";
import type { TableCells } from "./table-cells.ts";
import { virtualAddresses } from "./tables.ts";

/** A service and the addresses that stand for all its instances. */
export interface ReachableService {
  readonly service: string;
  /** Whose service it is; empty for an own one. */
  readonly peer: string;
  readonly addresses: readonly string[];
}

/** Who may reach whom. */
export class Access {
  readonly #sources: TableCells;
  readonly #entry: ReadEntry;
  readonly #seesRequests: (service: string) => boolean;
  readonly defaultPolicy: DefaultPolicy;

  constructor(
    sources: TableCells,
    entry: ReadEntry,
    seesRequests: (service: string) => boolean,
    defaultPolicy: DefaultPolicy,
  ) {
    this.#sources = sources;
    this.#entry = entry;
    this.#seesRequests = seesRequests;
    this.defaultPolicy = defaultPolicy;
  }

  /** The intentions that can decide about a destination, the first to decide standing first. */
  readonly intentions = cells((destination): readonly Intention[] =>
    intentionsOf([destination, "*"].flatMap((name) => this.#entry("service-intentions", name) ?? [])),
  );

  readonly rules = cells(
    (destination): AccessRules =>
      accessRules(this.intentions(destination), this.defaultPolicy, this.#seesRequests(destination)),
  );

  /** The issuers of the tokens that the intentions of a destination ask for, by name. */
  readonly tokenProviders = cells((destination): readonly JwtProvider[] =>
    providersNamed(this.intentions(destination)).flatMap((name) => this.#entry("jwt-provider", name) ?? []),
  );

  /**
   * Services that some request of `source` may reach: an intention of permissions lets some in, and those of peers
   * have their intentions over there.
   */
  readonly reachable = cells((source): readonly ReachableService[] =>
    this.#sources.find(virtualAddresses, "given", "yes").flatMap((given) => {
      const { Service: service, Peer: peer = "", Address, Manual = [] } = given;
      const reached = [{ service, peer, addresses: [Address, ...Manual] }];
      if (peer !== "") return reached;
      const decision = decide(this.intentions(service), local(source), service, null, this.defaultPolicy);
      const isRefused = !decision.allowed && decision.intention?.action !== "";
      return service === source || isRefused ? [] : reached;
    }),
  );
}
