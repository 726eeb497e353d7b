import { type ImportedService, importedKey, importedServices } from "#mesh/peering/tables.ts";
import {
  configEntries,
  services,
  type VirtualAddress,
  virtualAddresses,
  virtualAddressKey,
} from "#mesh/tables.ts";
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

/** Of a peer's service, or of an own one. */
type Named = Pick<VirtualAddress, "Service" | "Peer">;

/**
 * Gives each service of the mesh an address of its own, which it keeps, and each one that a peer exports for as long as
 * it does.
 */
export class VirtualAddresses {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  readonly #waiting = new Map<string, Named>();
  #isGiving = false;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#stop = state.observe((change) => this.#want(changedNames(change)));
    const entries = KINDS.flatMap((kind) => state.find(configEntries, "kind", kind));
    this.#want([
      ...[...state.terms(services, "destination"), ...entries.flatMap(namedBy)].map(own),
      ...state.all(importedServices).map(imported),
      // What was withdrawn while nobody looked.
      ...state.find(virtualAddresses, "given", "yes").filter(({ Peer }) => Peer !== undefined),
    ]);
  }

  close(): void {
    this.#stop();
  }

  #want(names: readonly Named[]): void {
    for (const named of names) {
      const key = virtualAddressKey(named);
      const isGiven = this.#state.get(virtualAddresses, key) !== undefined;
      if (isGiven === isWithdrawn(named, this.#state)) this.#waiting.set(key, named);
    }
    if (this.#waiting.size === 0 || this.#isGiving) return;
    this.#isGiving = true;
    void this.#giveAll();
  }

  async #giveAll(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const names = [...this.#waiting.values()];
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
  async #give(names: readonly Named[]): Promise<void> {
    await this.#state.transact((tx) => {
      let next = tx.get(virtualAddresses, COUNTER)?.Number ?? 0;
      for (const { Service, Peer } of names) {
        const named = { Service, ...(Peer !== undefined && { Peer }) };
        const key = virtualAddressKey(named);
        const isGiven = tx.get(virtualAddresses, key) !== undefined;
        const isGone = isWithdrawn(named, tx);
        if (isGone) tx.delete(virtualAddresses, key);
        if (isGone || isGiven) continue;
        tx.put(virtualAddresses, key, { ...named, Number: next, Address: addressText(FIRST + next) });
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
    if (row === undefined || row.Peer !== undefined || service === COUNTER)
      return { isKnown: false, takenFrom: [] };
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

const own = (Service: string): Named => ({ Service });
const imported = ({ name, peer }: ImportedService): Named => ({ Service: name, Peer: peer });

function changedNames({ changes }: StateChange): Named[] {
  const registered = (changes.get(services.name) ?? []) as RowChange<ServiceInstance>[];
  const written = (changes.get(configEntries.name) ?? []) as RowChange<ConfigEntry>[];
  const told = (changes.get(importedServices.name) ?? []) as RowChange<ImportedService>[];
  const names = [
    ...registered.flatMap(({ after }) => (after?.Proxy ? [after.Proxy.DestinationServiceName] : [])),
    ...written.flatMap(({ after }) => (after === null ? [] : namedBy(after))),
  ].filter((name) => name !== "");
  return [
    ...names.map(own),
    ...told.flatMap(({ before, after }) =>
      [before, after].flatMap((row) => (row === null ? [] : [imported(row)])),
    ),
  ];
}

function isWithdrawn({ Service, Peer }: Named, rows: Pick<State, "get">): boolean {
  return (
    Peer !== undefined && rows.get(importedServices, importedKey({ peer: Peer, name: Service })) === undefined
  );
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
