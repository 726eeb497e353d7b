import { type ExposedCheck, exposedChecks } from "#mesh/exposed-checks.ts";
import { gatewaysTo } from "#mesh/gateway/outside.ts";
import { catalogNodes, checkKey, checks, configEntries, nodes, services } from "#mesh/tables.ts";
import type { HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { ConfigEntry, TerminatingGatewayEntry } from "#model/config-entry/config-entry.ts";
import { Pulse } from "#model/pulse.ts";
import type { State, StateChange } from "#state/state.ts";
import type { RowChange } from "#state/table-rows.ts";

/** A check that its node runs, or null when it is gone. */
export interface RegisteredCheckChange {
  readonly id: string;
  readonly check: HealthCheck | null;
}

/**
 * The checks that a node runs and no job asked for: all of them first, then each that changes. They are those of
 * services registered at the node, and those of services outside that are reached through a gateway at it.
 */
export async function* registeredChecks(
  state: State,
  node: string,
  signal: AbortSignal,
): AsyncGenerator<readonly RegisteredCheckChange[]> {
  const own = new Map(ownChecks(state, node));
  let exposed = exposedChecks(node, state);
  let outside: ReadonlyMap<string, HealthCheck> = new Map();
  let isOutsideDue = true;
  const changed = new Pulse();
  const stop = state.observe((change) => {
    for (const [id, check] of changedChecks(change, node)) own.set(id, check);
    if (concernsExposure(change, exposed.size > 0)) {
      const before = exposed;
      exposed = exposedChecks(node, state);
      for (const [id, check] of rerouted(before, exposed, state)) own.set(id, check);
    }
    isOutsideDue ||= concernsOutside(state, change);
    if (isOutsideDue || own.size > 0) changed.fire();
  });
  try {
    while (!signal.aborted) {
      const changes: RegisteredCheckChange[] = [...own].map(([id, check]) => ({
        id,
        check: check && (exposed.get(checkKey(check))?.check ?? check),
      }));
      own.clear();
      if (isOutsideDue) {
        isOutsideDue = false;
        const wanted = outsideChecks(state, node);
        changes.push(...changesOf(outside, wanted));
        outside = wanted;
      }
      if (changes.length > 0) yield changes;
      if (isOutsideDue || own.size > 0) continue;
      await changed.next(signal);
    }
  } finally {
    stop();
  }
}

/** Entries and registrations say which checks go through proxies. */
function concernsExposure({ changes }: StateChange, isExposing: boolean): boolean {
  const entries = (changes.get(configEntries.name) ?? []) as RowChange<ConfigEntry>[];
  const proxies = (changes.get(services.name) ?? []) as RowChange<ServiceInstance>[];
  const rows = (changes.get(checks.name) ?? []) as RowChange<HealthCheck>[];
  const says = (row: object | null) => row !== null && "Expose" in row && isChecked(row.Expose);
  return (
    (isExposing && (proxies.length > 0 || entries.length > 0 || rows.some(isRedefined))) ||
    entries.some(({ before, after }) => says(before) || says(after)) ||
    proxies.some(({ before, after }) => says(before?.Proxy ?? null) || says(after?.Proxy ?? null))
  );
}

const isChecked = (expose: unknown) =>
  typeof expose === "object" && expose !== null && "Checks" in expose && expose.Checks === true;

/** The checks that are carried out in another way than before, as they are registered. */
function rerouted(
  before: ReadonlyMap<string, ExposedCheck>,
  after: ReadonlyMap<string, ExposedCheck>,
  state: State,
): OwnChecks {
  const keys = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => !sameDefinition(before.get(key)?.check, after.get(key)?.check),
  );
  return keys.flatMap((key) => {
    const check = state.get(checks, key);
    return check === undefined ? [] : [[check.CheckID, check]];
  });
}

type OwnChecks = [id: string, check: HealthCheck | null][];

function ownChecks(state: State, node: string): OwnChecks {
  const all = state.find(checks, "node", node);
  return all.flatMap((check) => (check.Definition === undefined ? [] : [[check.CheckID, check]]));
}

/** A new status changes nothing of who runs what. */
function changedChecks({ changes }: StateChange, node: string): OwnChecks {
  const rows = (changes.get(checks.name) ?? []) as RowChange<HealthCheck>[];
  return rows.flatMap(({ before, after }) => {
    const check = after ?? before;
    if (check?.Node !== node || sameDefinition(before ?? undefined, after ?? undefined)) return [];
    return [[check.CheckID, after?.Definition === undefined ? null : after]];
  });
}

function changesOf(
  before: ReadonlyMap<string, HealthCheck>,
  after: ReadonlyMap<string, HealthCheck>,
): RegisteredCheckChange[] {
  const gone = [...before.keys()].filter((id) => !after.has(id)).map((id) => ({ id, check: null }));
  const changed = [...after].filter(([id, check]) => !sameDefinition(before.get(id), check));
  return [...gone, ...changed.map(([id, check]) => ({ id, check }))];
}

/** By their keys, so that none is taken for one of the node's own. */
function outsideChecks(state: State, node: string): Map<string, HealthCheck> {
  const found = state
    .all(catalogNodes)
    .filter(({ Node }) => Node !== node && state.find(nodes, "name", Node).length === 0)
    .flatMap(({ Node }) => state.find(checks, "node", Node))
    .filter(({ Definition }) => Definition !== undefined)
    .filter(({ ServiceName }) => ServiceName !== "" && checkerOf(state, ServiceName) === node);
  return new Map(found.map((check) => [checkKey(check), withoutExpiry(check)]));
}

/** Nodes that only registrations name are few, or none. */
function concernsOutside(state: State, { changes }: StateChange): boolean {
  if (changes.has(catalogNodes.name)) return true;
  if (state.all(catalogNodes).length === 0) return false;
  const entries = (changes.get(configEntries.name) ?? []) as RowChange<ConfigEntry>[];
  const rows = (changes.get(checks.name) ?? []) as RowChange<HealthCheck>[];
  return (
    [services, nodes].some(({ name }) => changes.has(name)) ||
    entries.some(({ before, after }) => (after ?? before)?.Kind === "terminating-gateway") ||
    rows.some(isRedefined)
  );
}

/** What a gateway cannot reach may be reached otherwise: it stays in the catalog. */
function withoutExpiry(check: HealthCheck): HealthCheck {
  if (check.Definition === undefined) return check;
  return { ...check, Definition: { ...check.Definition, DeregisterCriticalServiceAfter: 0 } };
}

/** Of the nodes with a gateway to a service outside, one asks for its health. */
function checkerOf(state: State, service: string): string | undefined {
  return gatewaysOf(state, service)
    .flatMap((gateway) => state.find(services, "name", gateway))
    .filter(({ Kind }) => Kind === "terminating-gateway")
    .map(({ Node }) => Node)
    .sort()[0];
}

function gatewaysOf(state: State, service: string): string[] {
  const entries = state.find(configEntries, "kind", "terminating-gateway") as TerminatingGatewayEntry[];
  const hasProxies = state.find(services, "destination", service).length > 0;
  return gatewaysTo(service, entries, {
    ...{ own: state.find(services, "name", service), hasProxies },
    // Nobody asks for their health.
    hasHosts: false,
  });
}

const isRedefined = ({ before, after }: RowChange<HealthCheck>) =>
  !sameDefinition(before ?? undefined, after ?? undefined);

function sameDefinition(before: HealthCheck | undefined, after: HealthCheck | undefined): boolean {
  return (
    before?.ServiceID === after?.ServiceID &&
    JSON.stringify(before?.Definition) === JSON.stringify(after?.Definition)
  );
}
