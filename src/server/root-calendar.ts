import type { Root } from "#mesh/ca/root.ts";
import { nextRetirement, renewalTime, retire } from "#mesh/ca/rotator.ts";
import { CLUSTER_KEY, caConfigurations, cluster, rootKeys, roots } from "#mesh/tables.ts";
import type { Log } from "#model/log.ts";
import type { State } from "#state/state.ts";
import { withoutIndexes } from "#state/table.ts";
import type { CertificateAuthority } from "./certificate-authority.ts";

/** The longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Between two attempts, milliseconds. */
const SHORTEST_WAIT = 1000;

/**
 * Root certificates come and go in time: one that is nearly over is followed by another of its kind, and one that was
 * followed by another is removed, with its key, once the last of its leaves is over.
 */
export class RootCalendar {
  readonly #state: State;
  readonly #authority: CertificateAuthority;
  readonly #log: Log;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(state: State, authority: CertificateAuthority, log: Log) {
    this.#state = state;
    this.#authority = authority;
    this.#log = log;
    const stop = state.observe(({ changes }) => {
      if (changes.has(roots.name) || changes.has(caConfigurations.name)) this.#schedule(0);
    });
    this.#stop = () => {
      stop();
      clearTimeout(this.#timer);
    };
    this.#schedule(0);
  }

  close(): void {
    this.#stop();
  }

  #schedule(shortest: number): void {
    clearTimeout(this.#timer);
    const times = [nextRetirement(this.#state.all(roots)), this.#renewal()].filter((time) => time !== null);
    if (times.length === 0) return;
    const wait = Math.min(Math.max(Math.min(...times) - Date.now(), shortest), LONGEST_TIMER);
    this.#timer = setTimeout(() => void this.#act(), wait).unref();
  }

  /** When the root that signs is to be followed; null for one from elsewhere, which its owner follows. */
  #renewal(): number | null {
    if (this.#state.get(cluster, CLUSTER_KEY)?.Primary !== undefined) return null;
    const [active] = this.#state.find(roots, "active", "yes");
    if (active === undefined || active.External) return null;
    return renewalTime(active, this.#authority.configuration.Config.LeafCertTTL / 1e6);
  }

  async #act(): Promise<void> {
    try {
      await this.#retire();
      await this.#renew();
    } catch (error) {
      this.#log.error("a root certificate could not be renewed or removed", { error });
    }
    this.#schedule(SHORTEST_WAIT);
  }

  async #renew(): Promise<void> {
    const time = this.#renewal();
    const [active] = this.#state.find(roots, "active", "yes");
    if (active === undefined || time === null || time > Date.now()) return;
    await this.#authority.rotate(active.ID);
    this.#log.info("a root certificate that is nearly over is followed by another", { root: active.ID });
  }

  async #retire(): Promise<void> {
    const { removed, changed } = retire(this.#state.all(roots).map(withoutIndexes<Root>), Date.now());
    if (removed.length === 0) return;
    await this.#state.transact((tx) => {
      for (const { ID } of removed) {
        tx.delete(roots, ID);
        tx.delete(rootKeys, ID);
      }
      for (const root of changed) tx.put(roots, root.ID, root);
    });
    for (const { ID } of removed)
      this.#log.info("an old root certificate is no longer trusted", { root: ID });
  }
}
