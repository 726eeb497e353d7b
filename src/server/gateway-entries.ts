import { gatewayEntries, WRITTEN_BY } from "#connect/gateway-entries.ts";
import { CLUSTER_KEY, type Cluster, cluster, configEntries, configKey } from "#mesh/tables.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import type { Job } from "#model/job/job.ts";
import type { State, Transaction } from "#state/state.ts";
import type { Row } from "#state/table.ts";
import { refuseBrokenChains } from "./chain-check.ts";
import { changeEntry } from "./config.ts";
import { RefusedError } from "./refused-error.ts";

/**
 * Makes the config entries of a job's gateways stand as the job says, and those go that it wrote and no longer
 * says. Throws when another has written an entry of that name that says something else.
 */
export function putGatewayEntries(state: State, tx: Transaction, job: Job): void {
  const own = tx.get(cluster, CLUSTER_KEY);
  const { entries } = gatewayEntries(job);
  for (const entry of entries) {
    const before = tx.get(configEntries, configKey(entry));
    if (before !== undefined && isSameEntry(before, entry)) continue;
    if (before !== undefined) refuseForeign(before, writerOf(job, own));
    const change = { kind: entry.Kind, name: entry.Name, entry };
    if (isSecondary(own)) refuseBrokenChains(state, change);
    else changeEntry(state, tx, change);
  }
  if (isSecondary(own)) return;
  const kept = new Set(entries.map(configKey));
  for (const entry of entriesOf(state, job)) {
    if (!kept.has(configKey(entry))) take(state, tx, entry);
  }
}

/** Takes away what the job wrote. */
export function removeGatewayEntries(state: State, tx: Transaction, job: Job): void {
  if (isSecondary(tx.get(cluster, CLUSTER_KEY))) return;
  for (const entry of entriesOf(state, job)) take(state, tx, entry);
}

function take(state: State, tx: Transaction, { Kind: kind, Name: name }: ConfigEntry): void {
  changeEntry(state, tx, { kind, name, entry: null });
}

/** Entries are written in the primary datacenter: in another one they follow its jobs by themselves. */
const isSecondary = (own: Cluster | undefined) => own?.Primary !== undefined;

/** Jobs of several datacenters may have the same name. */
export function writerOf({ Namespace, ID }: Job, own: Cluster | undefined): string {
  const name = `${Namespace}/${ID}`;
  return own?.Datacenter === undefined ? name : `${name}@${own.Datacenter}`;
}

function entriesOf(state: State, job: Job): Row<ConfigEntry>[] {
  return ["ingress-gateway", "terminating-gateway"]
    .flatMap((kind) => state.find(configEntries, "kind", kind))
    .filter(({ Meta }) => Meta[WRITTEN_BY] === writerOf(job, undefined));
}

/** Whoever wrote it. */
export function isSameEntry(
  { CreateIndex: _, ModifyIndex: __, ...before }: Row<ConfigEntry>,
  entry: ConfigEntry,
): boolean {
  const content = (one: ConfigEntry) => JSON.stringify({ ...one, Meta: {} });
  return content(before) === content(entry);
}

function refuseForeign({ Kind, Name, Meta }: ConfigEntry, own: string): void {
  const writer = Meta[WRITTEN_BY];
  if (writer === own) return;
  const who = writer === undefined ? "by hand" : `by the job "${writer}"`;
  throw new RefusedError(
    `the gateway "${Name}" of the job has a config entry of its own, but ${Kind}/${Name} was written ${who} and says something else: ` +
      `delete it ("config delete -kind ${Kind} -name ${Name}"), or give the gateway's service another name`,
  );
}
