import { setTimeout as pause } from "node:timers/promises";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import type { Log } from "#model/log.ts";
import type { State } from "#state/state.ts";
import type { DatacenterLink } from "./link.ts";
import { keepEntries } from "./listen.ts";
import { adoptAuthority } from "./secondary-authority.ts";

/** Milliseconds. So long a first start waits for the primary datacenter. */
const LIMIT = 60_000;
const PAUSE = 500;

export interface Primary {
  readonly name: string;
  /** The one that is founded. */
  readonly datacenter: string;
  readonly link: DatacenterLink;
  readonly vault: KeyVault;
  readonly log: Log;
}

/** At the first start of a secondary datacenter: its trust domain, roots and entries are those of the primary one. */
export async function foundSecondary(
  state: State,
  { name, datacenter, link, vault, log }: Primary,
): Promise<void> {
  const end = Date.now() + LIMIT;
  for (let isTold = false; ; isTold = true) {
    try {
      const authority = await first(link.authority(AbortSignal.timeout(LIMIT)));
      const [[, told] = []] = authority.put;
      if (told?.datacenter !== name)
        throw new Error(`the datacenter there is ${told?.datacenter}, not the primary one, ${name}`);
      await adoptAuthority(state, vault, datacenter, told, link);
      await keepEntries(state, await first(link.entries(AbortSignal.timeout(LIMIT))));
      return;
    } catch (error) {
      const reason = (error as Error).message;
      if (Date.now() > end) {
        throw new Error(
          `a secondary datacenter begins with what its primary one, ${name}, tells it, but that is not reached: ${reason}. ` +
            "Name one of its servers with -join-wan, and its token with -wan-token-file",
        );
      }
      if (!isTold) log.info("the primary datacenter is awaited", { datacenter: name, reason });
    }
    await pause(PAUSE);
  }
}

async function first<Item>(items: AsyncIterable<Item>): Promise<Item> {
  for await (const item of items) return item;
  throw new Error("it has ended the connection");
}
