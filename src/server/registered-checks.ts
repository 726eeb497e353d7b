import { gatewaysTo } from "#mesh/gateway/outside.ts";
import { catalogNodes, checkKey, checks, configEntries, nodes, services } from "#mesh/tables.ts";
import type { HealthCheck } from "#model/catalog.ts";
import type { TerminatingGatewayEntry } from "#model/config-entry/config-entry.ts";
import type { State, StateChange } from "#state/state.ts";
import type { Row } from "#state/table.ts";

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
  let isDue = true;
  let wake = () => {};
  const stop = state.observe((change) => {
    if (!concerns(change)) return;
    isDue = true;
    wake();
  });
  signal.addEventListener("abort", () => wake());
  let known = new Map<string, HealthCheck>();
  try {
    while (!signal.aborted) {
      if (isDue) {
        isDue = false;
        const wanted = checksRunBy(state, node);
        const changes = changesOf(known, wanted);
        known = wanted;
        if (changes.length > 0) yield changes;
      } else {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    }
  } finally {
    stop();
  }
}

function changesOf(
  before: ReadonlyMap<string, HealthCheck>,
  after: ReadonlyMap<string, HealthCheck>,
): RegisteredCheckChange[] {
  const gone = [...before.keys()].filter((id) => !after.has(id)).map((id) => ({ id, check: null }));
  const changed = [...after].filter(([id, check]) => !sameDefinition(before.get(id), check));
  return [...gone, ...changed.map(([id, check]) => ({ id, check }))];
}

/** By id: that of the check for the node's own. */
function checksRunBy(state: State, node: string): Map<string, HealthCheck> {
  const own = state.find(checks, "node", node).map((check) => [check.CheckID, check] as const);
  const outside = state
    .all(catalogNodes)
    .filter(({ Node }) => Node !== node && state.find(nodes, "name", Node).length === 0)
    .flatMap(({ Node }) => state.find(checks, "node", Node))
    .filter(({ ServiceName }) => ServiceName !== "" && checkerOf(state, ServiceName) === node)
    .map((check) => [checkKey(check), withoutExpiry(check)] as const);
  return new Map([...own, ...outside].filter(([, { Definition }]) => Definition !== undefined));
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
  return gatewaysTo(service, entries, { own: state.find(services, "name", service), hasProxies });
}

/** A new status changes nothing of who runs what. */
function concerns({ changes }: StateChange): boolean {
  const others = [services, configEntries, catalogNodes, nodes].some(({ name }) => changes.has(name));
  return (
    others ||
    (changes.get(checks.name) ?? []).some(
      ({ before, after }) =>
        !sameDefinition(
          (before ?? undefined) as Row<HealthCheck> | undefined,
          (after ?? undefined) as Row<HealthCheck> | undefined,
        ),
    )
  );
}

function sameDefinition(before: HealthCheck | undefined, after: HealthCheck | undefined): boolean {
  return (
    before?.ServiceID === after?.ServiceID &&
    JSON.stringify(before?.Definition) === JSON.stringify(after?.Definition)
  );
}
