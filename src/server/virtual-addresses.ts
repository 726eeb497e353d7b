import { configEntries, services, virtualAddresses } from "#mesh/tables.ts";
import type { ServiceInstance } from "#model/catalog.ts";
import type { ConfigEntry, ConfigKind } from "#model/config-entry/config-entry.ts";
import type { Log } from "#model/log.ts";
import type { State, StateChange } from "#state/state.ts";
import type { RowChange } from "#state/table-rows.ts";

/** 240.0.0.0/4: addresses that nobody has, and that stand for services of the mesh, as in Consul. */
const FIRST = 0xf0000001;

const KINDS: readonly ConfigKind[] = [
  ...(["service-resolver", "service-router", "service-splitter"] as const),
  ...(["service-defaults", "terminating-gateway"] as const),
];

/**
 * A name that only such an entry has is a service of the mesh too: requests to it go elsewhere, or outside by a
 * gateway.
 */
function namedBy(entry: ConfigEntry): string[] {
  if (entry.Kind === "terminating-gateway")
    return entry.Services.map(({ Name }) => Name).filter((name) => name !== "*");
  const isOnlyTold = entry.Kind === "service-defaults" && entry.Destination === null;
  return KINDS.includes(entry.Kind) && !isOnlyTold ? [entry.Name] : [];
}

/** Gives each service of the mesh an address of its own, which it keeps. */
export class VirtualAddresses {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  readonly #waiting = new Set<string>();
  #isGiving = false;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#stop = state.observe((change) => this.#want(newNames(change)));
    const entries = KINDS.flatMap((kind) => state.find(configEntries, "kind", kind));
    this.#want([...state.terms(services, "destination"), ...entries.flatMap(namedBy)]);
  }

  close(): void {
    this.#stop();
  }

  #want(names: readonly string[]): void {
    for (const name of names) {
      if (this.#state.get(virtualAddresses, name) === undefined) this.#waiting.add(name);
    }
    if (this.#waiting.size === 0 || this.#isGiving) return;
    this.#isGiving = true;
    void this.#giveAll();
  }

  async #giveAll(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const names = [...this.#waiting];
        this.#waiting.clear();
        await this.#give(names);
      }
    } catch (error) {
      this.#log.error("services could not be given virtual addresses", { error });
    } finally {
      this.#isGiving = false;
    }
  }

  /** Numbers are given one after the other; a counter in the store keeps two servers from giving one twice. */
  async #give(names: readonly string[]): Promise<void> {
    await this.#state.transact((tx) => {
      let next = tx.get(virtualAddresses, COUNTER)?.Number ?? 0;
      for (const name of names) {
        if (tx.get(virtualAddresses, name) !== undefined) continue;
        tx.put(virtualAddresses, name, { Service: name, Number: next, Address: addressText(FIRST + next) });
        next += 1;
      }
      tx.put(virtualAddresses, COUNTER, { Service: "", Number: next, Address: "" });
    });
  }
}

/**
 * Gives a service exactly these addresses beside its own. An address stands for one service: others that had it lose
 * it, and are named. Nothing happens for a service that has no address of its own.
 */
export async function giveVirtualAddresses(
  state: State,
  service: string,
  addresses: readonly string[],
): Promise<{ readonly isKnown: boolean; readonly takenFrom: readonly string[] }> {
  const { result } = await state.transact((tx) => {
    const row = tx.get(virtualAddresses, service);
    if (row === undefined || service === COUNTER) return { isKnown: false, takenFrom: [] };
    const others = addresses
      .flatMap((address) => state.find(virtualAddresses, "manual", address))
      .filter(({ Service }) => Service !== service);
    for (const { Service } of others) {
      const other = tx.get(virtualAddresses, Service);
      if (other === undefined) continue;
      const kept = (other.Manual ?? []).filter((address) => !addresses.includes(address));
      tx.put(virtualAddresses, Service, { ...other, Manual: kept });
    }
    tx.put(virtualAddresses, service, { ...row, Manual: [...new Set(addresses)] });
    return { isKnown: true, takenFrom: [...new Set(others.map(({ Service }) => Service))] };
  });
  return result;
}

/** No service has this name. */
const COUNTER = "/next";

function newNames({ changes }: StateChange): string[] {
  const registered = (changes.get(services.name) ?? []) as RowChange<ServiceInstance>[];
  const written = (changes.get(configEntries.name) ?? []) as RowChange<ConfigEntry>[];
  return [
    ...registered.flatMap(({ after }) => (after?.Proxy ? [after.Proxy.DestinationServiceName] : [])),
    ...written.flatMap(({ after }) => (after === null ? [] : namedBy(after))),
  ].filter((name) => name !== "");
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
