import type { KeyVault } from "#mesh/ca/key-vault.ts";
import type { Datacenter } from "#mesh/datacenters/tables.ts";
import type { Log } from "#model/log.ts";
import { Pulse, pause } from "#model/pulse.ts";
import type { TemplateQuery } from "#model/template-data.ts";
import type { State } from "#state/state.ts";
import type { DatacenterLink, ForwardedAnswer, ForwardedRequest, Joining, PrimaryAuthority } from "./link.ts";
import { keepDatacenters, keepEndpoints, keepEntries } from "./listen.ts";
import { adoptAuthority } from "./secondary-authority.ts";

/** Milliseconds between attempts to reach a datacenter that is not reached. */
const PAUSE = 1000;
const RENEWAL = 3_600_000;

export interface NeighbourOptions {
  readonly state: State;
  readonly vault: KeyVault;
  readonly name: string;
  readonly link: DatacenterLink;
  /** What this one says of itself. */
  readonly self: () => Joining;
  readonly isPrimary: boolean;
  readonly log: Log;
}

/** Another datacenter: follows what it tells, whenever it can be reached. What it told last holds meanwhile. */
export class Neighbour {
  readonly #options: NeighbourOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #entriesKept = new Pulse();
  #entries = 0;
  #isReached: boolean | null = null;
  #attempt = new AbortController();

  constructor(options: NeighbourOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#options.link.close();
    await this.#running;
  }

  /** Fails as soon as it is not reached any more. */
  async request(request: ForwardedRequest, signal: AbortSignal): Promise<ForwardedAnswer> {
    if (this.#isReached !== true) throw new Error("there is no link to it at the moment");
    const answer = this.#options.link.request(request, AbortSignal.any([signal, this.#attempt.signal]));
    return answer.catch((error: unknown) => {
      throw this.#attempt.signal.aborted ? new Error("the link to it broke") : error;
    });
  }

  /** Ends when it is not reached any more. */
  async *templateData(query: TemplateQuery, signal: AbortSignal): AsyncGenerator<unknown> {
    if (this.#isReached !== true) return;
    yield* this.#options.link.templateData(query, AbortSignal.any([signal, this.#attempt.signal]));
  }

  async resolve(message: string): Promise<string | null> {
    return this.#isReached === true ? this.#options.link.resolve(message).catch(() => null) : null;
  }

  /** Waits until its entries are known here up to an index of its own, but not for long. */
  async entriesUpTo(index: number): Promise<void> {
    const limit = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(5000)]);
    await this.#entriesKept.until(() => this.#entries >= index, limit);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const attempt = new AbortController();
      this.#attempt = attempt;
      const signal = AbortSignal.any([this.#stop.signal, attempt.signal]);
      try {
        await this.#options.link.join(this.#options.self());
        this.#told(null);
        await Promise.race(this.#followed(signal));
        if (!signal.aborted) throw new Error("it has ended the connection");
      } catch (error) {
        this.#told(error);
      } finally {
        attempt.abort();
      }
      await pause(PAUSE, this.#stop.signal);
    }
  }

  #followed(signal: AbortSignal): Promise<void>[] {
    const { state, link, name, self, isPrimary } = this.#options;
    const own = self().datacenter.Name;
    return [
      each(link.datacenters(signal), (change) => keepDatacenters(state, { own, teller: name }, change)),
      each(link.endpoints(signal), (change) => keepEndpoints(state, name, change)),
      ...(isPrimary
        ? [
            each(link.entries(signal), async (change) => {
              await keepEntries(state, change);
              this.#entries = change.index;
              this.#entriesKept.fire();
            }),
            this.#followAuthority(signal),
          ]
        : []),
    ];
  }

  async #followAuthority(signal: AbortSignal): Promise<void> {
    const { state, vault, link, self, log } = this.#options;
    const own = self().datacenter.Name;
    let newest: PrimaryAuthority | undefined;
    const adopt = async () => {
      if (newest !== undefined) await adoptAuthority(state, vault, own, newest, link);
    };
    const renew = () =>
      void adopt().catch((error: unknown) =>
        log.warn("the certificate of the authority could not be renewed", { error }),
      );
    const renewal = setInterval(renew, RENEWAL);
    try {
      await each(link.authority(signal), async ({ put }) => {
        newest = put[0]?.[1] ?? newest;
        await adopt();
      });
    } finally {
      clearInterval(renewal);
    }
  }

  /** Once for each time that it changes. */
  #told(error: unknown): void {
    const { log, name } = this.#options;
    const isReached = error === null;
    if (isReached === this.#isReached || this.#stop.signal.aborted) return;
    this.#isReached = isReached;
    if (isReached) log.info("a datacenter is reached", { datacenter: name });
    else log.warn("a datacenter is not reached; what it told last holds", { datacenter: name, error });
  }
}

async function each<Item>(items: AsyncIterable<Item>, take: (item: Item) => Promise<void>): Promise<void> {
  for await (const item of items) await take(item);
}

export type Connect = (addresses: Datacenter["Addresses"]) => DatacenterLink;
