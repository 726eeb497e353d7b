import type { TrustDomain } from "#mesh/ca/spiffe.ts";
import { compileChain } from "#mesh/chain/compile.ts";
import { leadsTo } from "#mesh/chain/leads-to.ts";
import type { ReadEntry } from "#mesh/chain/protocol.ts";
import { noOverrides } from "#mesh/chain/question.ts";
import { configEntries, configKey } from "#mesh/tables.ts";
import type {
  ConfigEntries,
  ConfigEntry,
  ConfigKind,
  IngressGatewayEntry,
} from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";
import { RefusedError } from "./refused-error.ts";

/** An entry as it shall be, or that it shall no longer be there. */
export interface EntryChange {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly entry: ConfigEntry | null;
}

const kindsOfChains: readonly ConfigKind[] = [
  "service-router",
  "service-splitter",
  "service-resolver",
  "service-defaults",
];

/** Throws when a change would leave a service without a discovery chain, or a gateway with one that it cannot serve. */
export function refuseBrokenChains(state: State, change: EntryChange): void {
  const read = changedBy(state, change);
  const services = concernedBy(state, change);
  for (const service of services) {
    const chain = compileChain({ ...anywhere, service }, read);
    if (!(chain instanceof Error)) continue;
    const { kind, name } = chain.entry;
    throw new RefusedError(
      `${change.kind}/${change.name}: discovery chain "${service}" would not compile: ${chain.message} (see ${kind}/${name})`,
    );
  }
  for (const gateway of gatewaysOf(state, change, services)) refuseUnlikeProtocols(gateway, change, read);
}

/** Whether a chain compiles does not hang on where. */
const anywhere = { datacenter: "", trustDomain: "" as TrustDomain, overrides: noOverrides };

/** The entries as they would be after the change. */
function changedBy(state: State, { kind: changed, name: changedName, entry }: EntryChange): ReadEntry {
  return (kind, name) =>
    kind === changed && name === changedName
      ? ((entry ?? undefined) as ConfigEntries[typeof kind] | undefined)
      : (state.get(configEntries, keyOf(kind, name)) as ConfigEntries[typeof kind] | undefined);
}

/** The services in whose chains the entry has a say: its own, and those whose requests are sent on to it. */
function concernedBy(state: State, { kind, name }: EntryChange): ReadonlySet<string> {
  if (kind === "proxy-defaults") return namedByChains(state);
  const services = new Set(kindsOfChains.includes(kind) ? [name] : []);
  for (const service of services) {
    for (const entry of state.find(configEntries, "leadsTo", service)) {
      if (entry.Kind !== "ingress-gateway") services.add(entry.Name);
    }
  }
  return services;
}

function namedByChains(state: State): ReadonlySet<string> {
  const entries = kindsOfChains.flatMap((kind) => state.find(configEntries, "kind", kind));
  const gateways = state.find(configEntries, "kind", "ingress-gateway");
  return new Set([...entries.map(({ Name }) => Name), ...gateways.flatMap(leadsTo)]);
}

function gatewaysOf(
  state: State,
  { entry }: EntryChange,
  services: ReadonlySet<string>,
): readonly IngressGatewayEntry[] {
  const own = entry?.Kind === "ingress-gateway" ? [entry] : [];
  const others = [...services].flatMap((service) => state.find(configEntries, "leadsTo", service));
  const gateways = others.filter((other) => other.Kind === "ingress-gateway");
  return [...own, ...new Map(gateways.map((gateway) => [configKey(gateway), gateway])).values()];
}

/** A listener speaks one protocol to clients, and its services must speak it too. */
function refuseUnlikeProtocols(
  { Name, Listeners }: IngressGatewayEntry,
  change: EntryChange,
  read: ReadEntry,
) {
  for (const [i, { Port, Protocol, Services }] of Listeners.entries()) {
    for (const [j, { Name: service }] of Services.entries()) {
      const chain = service === "*" ? null : compileChain({ ...anywhere, service }, read);
      if (chain === null || chain instanceof Error || chain.Protocol === Protocol) continue;
      throw new RefusedError(
        `${change.kind}/${change.name}: service "${service}" has protocol "${chain.Protocol}", which is incompatible with the listener's protocol "${Protocol}" at port ${Port} (ingress-gateway/${Name} Listeners[${i}].Services[${j}].Name)`,
      );
    }
  }
}
