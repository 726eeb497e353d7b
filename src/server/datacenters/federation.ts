import type { KeyVault } from "#mesh/ca/key-vault.ts";
import { type Datacenter, datacenters } from "#mesh/datacenters/tables.ts";
import { CLUSTER_KEY, cluster } from "#mesh/tables.ts";
import type { Log } from "#model/log.ts";
import { pause } from "#model/pulse.ts";
import type { TemplateAnswer, TemplateQuery } from "#model/template-data.ts";
import type { State } from "#state/state.ts";
import { GatewayWriter } from "./gateway-writer.ts";
import { knownDatacenters } from "./joined.ts";
import type { ForwardedAnswer, ForwardedRequest, Joining } from "./link.ts";
import { keepDatacenters } from "./listen.ts";
import { type Connect, Neighbour } from "./neighbour.ts";

/** Milliseconds between attempts to join. */
const PAUSE = 1000;

export interface FederationOptions {
  readonly self: Datacenter;
  readonly primary: string;
  /** Addresses of servers of other datacenters, of which each is joined once. */
  readonly seeds: readonly string[];
  readonly vault: KeyVault;
  readonly connect: Connect;
  readonly log: Log;
}

/** This datacenter among the others of its mesh: one link to each that is known, and whoever it knows. */
export class Federation {
  readonly #state: State;
  readonly #options: FederationOptions;
  readonly #neighbours = new Map<string, { readonly addresses: string; readonly neighbour: Neighbour }>();
  readonly #stop = new AbortController();
  #forget: () => void = () => {};
  #gateways: GatewayWriter | null = null;

  constructor(state: State, options: FederationOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** Once others reach this one too. */
  start(): void {
    this.#forget = this.#state.observe(({ changes }) => {
      if (changes.has(datacenters.name)) this.#meet();
    });
    this.#meet();
    const { self, primary, seeds, log } = this.#options;
    const ask = (request: ForwardedRequest, signal: AbortSignal) => this.request(primary, request, signal);
    this.#gateways = self.Name === primary ? null : new GatewayWriter(this.#state, ask, log);
    for (const seed of seeds) void this.#join(seed);
  }

  async close(): Promise<void> {
    this.#forget();
    this.#gateways?.close();
    this.#stop.abort();
    await Promise.all([...this.#neighbours.values()].map(({ neighbour }) => neighbour.close()));
  }

  names(): string[] {
    return knownDatacenters(this.#state, this.#options.self.Name);
  }

  get primary(): string {
    return this.#options.primary;
  }

  /** What the API of another datacenter answers. What a write to the primary one changes is then known here. */
  async request(
    datacenter: string,
    request: ForwardedRequest,
    signal: AbortSignal,
  ): Promise<ForwardedAnswer> {
    const found = this.#neighbours.get(datacenter)?.neighbour;
    if (found === undefined) throw new Error("it is not known");
    const answer = await found.request(request, signal);
    const isWrite = request.method !== "GET" && request.method !== "HEAD";
    if (isWrite && datacenter === this.primary) await found.entriesUpTo(answer.entries);
    return answer;
  }

  /** What a template asks of another datacenter; while that is not reached, the last answer stands. */
  async *templateData<Query extends TemplateQuery>(
    datacenter: string,
    query: Query,
    signal: AbortSignal,
  ): AsyncGenerator<TemplateAnswer<Query>> {
    while (!signal.aborted) {
      try {
        const found = this.#neighbours.get(datacenter)?.neighbour;
        if (found !== undefined)
          yield* found.templateData(query, signal) as AsyncGenerator<TemplateAnswer<Query>>;
      } catch (error) {
        this.#options.log.debug("what a template asks is not answered", { datacenter, error });
      }
      await pause(PAUSE, signal);
    }
  }

  /** What another datacenter answers to a message of DNS (base64); null for nothing. */
  async resolve(datacenter: string, message: string): Promise<string | null> {
    return (await this.#neighbours.get(datacenter)?.neighbour.resolve(message)) ?? null;
  }

  readonly #self = (): Joining => ({
    datacenter: this.#options.self,
    primary: this.#options.primary,
    trustDomain: this.#state.get(cluster, CLUSTER_KEY)?.TrustDomain ?? "",
  });

  /** A datacenter that has moved is met anew. */
  #meet(): void {
    if (this.#stop.signal.aborted) return;
    const { self, primary, vault, connect, log } = this.#options;
    for (const { Name, Addresses } of this.#state.all(datacenters)) {
      const addresses = Addresses.join();
      const known = this.#neighbours.get(Name);
      if (Name === self.Name || known?.addresses === addresses) continue;
      void known?.neighbour.close();
      const neighbour = new Neighbour({
        ...{ state: this.#state, vault, name: Name, link: connect(Addresses), self: this.#self, log },
        isPrimary: Name === primary,
      });
      this.#neighbours.set(Name, { addresses, neighbour });
    }
  }

  /** From the first of its servers that answers, this datacenter learns of all others. */
  async #join(seed: string): Promise<void> {
    const { connect, log, self } = this.#options;
    let isTold = false;
    while (!this.#stop.signal.aborted) {
      const link = connect([seed]);
      try {
        await link.join(this.#self());
        for await (const { put } of link.datacenters(this.#stop.signal)) {
          await keepDatacenters(this.#state, { own: self.Name, teller: "" }, { put });
          return;
        }
      } catch (error) {
        if (!isTold) log.warn("a datacenter could not be joined yet", { address: seed, error });
        isTold = true;
      } finally {
        link.close();
      }
      await pause(PAUSE, this.#stop.signal);
    }
  }
}
