import type { KeyVault } from "#mesh/ca/key-vault.ts";
import type { Log } from "#model/log.ts";
import { pause } from "#model/pulse.ts";
import type { State } from "#state/state.ts";
import type { DatacenterLink } from "./link.ts";
import { keepEntries } from "./listen.ts";
import type { Connect } from "./neighbour.ts";
import { adoptAuthority } from "./secondary-authority.ts";

/** Milliseconds. So long a first start waits for the primary datacenter. */
const LIMIT = 60_000;
const PAUSE = 500;

export interface Primary {
  readonly name: string;
  /** The one that is founded. */
  readonly datacenter: string;
  /** Addresses of servers of any datacenters of the mesh. */
  readonly seeds: readonly string[];
  readonly connect: Connect;
  readonly vault: KeyVault;
  readonly log: Log;
}

/** At the first start of a secondary datacenter: its trust domain, roots and entries are those of the primary one. */
export async function foundSecondary(state: State, primary: Primary): Promise<void> {
  const { name, log } = primary;
  const end = Date.now() + LIMIT;
  for (let isTold = false; ; isTold = true) {
    try {
      await begin(state, primary);
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

/** Any datacenter of the mesh knows where the primary one is. */
async function begin(state: State, { name, datacenter, seeds, connect, vault }: Primary): Promise<void> {
  const known = await asking(connect(seeds), (any) => first(any.datacenters(AbortSignal.timeout(LIMIT))));
  const [, there] = known.put.find(([each]) => each === name) ?? [];
  if (there === undefined) {
    const names = known.put.map(([each]) => each).join(", ");
    throw new Error(`of the datacenters there, ${names}, none is called ${name}`);
  }
  await asking(connect(there.Addresses), async (link) => {
    const [[, told] = []] = (await first(link.authority(AbortSignal.timeout(LIMIT)))).put;
    if (told === undefined) throw new Error("it has not told its authority");
    await adoptAuthority(state, vault, datacenter, told, link);
    await keepEntries(state, await first(link.entries(AbortSignal.timeout(LIMIT))));
  });
}

async function asking<Result>(
  link: DatacenterLink,
  ask: (link: DatacenterLink) => Promise<Result>,
): Promise<Result> {
  try {
    return await ask(link);
  } finally {
    link.close();
  }
}

async function first<Item>(items: AsyncIterable<Item>): Promise<Item> {
  for await (const item of items) return item;
  throw new Error("it has ended the connection");
}
