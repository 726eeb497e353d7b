import { effect } from "@preact/signals-core";
import { type Datacenter, type DistantEndpoints, datacenters, distantKey } from "#mesh/datacenters/tables.ts";
import type { Endpoint } from "#mesh/endpoint.ts";
import type { Mesh } from "#mesh/mesh.ts";
import { caConfigurations, cluster, configEntries, configKey, roots } from "#mesh/tables.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
import { type Table, withoutIndexes } from "#state/table.ts";
import type { PrimaryAuthority } from "./link.ts";
import { primaryAuthority } from "./primary-authority.ts";
import { type Told, told } from "./told.ts";

/** What a datacenter tells the others of its mesh. */

/** Itself and all that it knows. */
export function tellDatacenters(
  state: State,
  self: Datacenter,
  signal: AbortSignal,
): AsyncIterable<Told<Datacenter>> {
  const read = () => keyed([self, ...state.all(datacenters)], ({ Name }) => Name);
  return tellRows(state, [datacenters], read, signal);
}

export function tellEntries(state: State, signal: AbortSignal): AsyncIterable<Told<ConfigEntry>> {
  return tellRows(state, [configEntries], () => keyed(state.all(configEntries), configKey), signal);
}

export function tellAuthority(
  state: State,
  datacenter: string,
  signal: AbortSignal,
): AsyncIterable<Told<PrimaryAuthority>> {
  const read = () => new Map([["authority", primaryAuthority(state, datacenter)]]);
  return tellRows(state, [cluster, caConfigurations, roots], read, signal);
}

/** Where its services and gateways take connections: only what has changed, whenever it has. */
export function tellEndpoints(mesh: Mesh, signal: AbortSignal): AsyncIterable<Told<DistantEndpoints>> {
  let newest: ReadonlyMap<string, DistantEndpoints> = new Map();
  const tellable = {
    read: () => newest,
    subscribe: (changed: () => void) =>
      effect(() => {
        newest = withKept(newest, mesh);
        changed();
      }),
    index: () => 0,
  };
  return told(tellable, signal);
}

/** What is as it was stays the same object. */
function withKept(before: ReadonlyMap<string, DistantEndpoints>, mesh: Mesh): Map<string, DistantEndpoints> {
  const after = new Map<string, DistantEndpoints>();
  for (const { Service, Subset, Endpoints } of mesh.toldEndpoints()) {
    const row = { Datacenter: mesh.datacenter, Service, Subset, Endpoints: seenFromElsewhere(Endpoints) };
    const key = distantKey(row);
    const known = before.get(key);
    after.set(key, known?.Endpoints === row.Endpoints ? known : row);
  }
  return after;
}

/** By the lists that cells keep for as long as nothing in them changes. */
const elsewhere = new WeakMap<readonly Endpoint[], readonly Endpoint[]>();

/** Nobody of another datacenter is on the same node. */
function seenFromElsewhere(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const known = elsewhere.get(endpoints) ?? endpoints.map((one) => ({ ...one, beside: null }));
  elsewhere.set(endpoints, known);
  return known;
}

function tellRows<Value>(
  state: State,
  tables: readonly Table<never>[],
  read: () => ReadonlyMap<string, Value>,
  signal: AbortSignal,
): AsyncIterable<Told<Value>> {
  const subscribe = (changed: () => void) =>
    state.observe(({ changes }) => {
      if (tables.some(({ name }) => changes.has(name))) changed();
    });
  return withPlainRows(told({ read, subscribe, index: () => state.index(...tables) }, signal));
}

/** Revisions are each store's own. */
async function* withPlainRows<Value>(changes: AsyncIterable<Told<Value>>): AsyncGenerator<Told<Value>> {
  for await (const change of changes) {
    const put = change.put.map(([key, row]): [string, Value] => [
      key,
      withoutIndexes(row as object) as Value,
    ]);
    yield { ...change, put };
  }
}

function keyed<Value>(rows: readonly Value[], keyOf: (row: Value) => string): Map<string, Value> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}
