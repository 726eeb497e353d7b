import { gatewayEntries, WRITTEN_BY } from "#connect/gateway-entries.ts";
import { configEntries, configKey } from "#mesh/tables.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import type { Job } from "#model/job/job.ts";
import type { State, Transaction } from "#state/state.ts";
import type { Row } from "#state/table.ts";
import { changeEntry } from "./config.ts";
import { RefusedError } from "./refused-error.ts";

/**
 * Makes the config entries of a job's gateways stand as the job says, and those go that it wrote and no longer
 * says. Throws when another has written an entry of that name that says something else.
 */
export function putGatewayEntries(state: State, tx: Transaction, job: Job): void {
  const { entries } = gatewayEntries(job);
  for (const entry of entries) {
    const before = tx.get(configEntries, configKey(entry));
    if (before !== undefined && isSame(before, entry)) continue;
    if (before !== undefined) refuseForeign(before, job);
    changeEntry(state, tx, { kind: entry.Kind, name: entry.Name, entry });
  }
  const kept = new Set(entries.map(configKey));
  for (const entry of entriesOf(state, job)) {
    if (!kept.has(configKey(entry))) take(state, tx, entry);
  }
}

/** Takes away what the job wrote. */
export function removeGatewayEntries(state: State, tx: Transaction, job: Job): void {
  for (const entry of entriesOf(state, job)) take(state, tx, entry);
}

function take(state: State, tx: Transaction, { Kind: kind, Name: name }: ConfigEntry): void {
  changeEntry(state, tx, { kind, name, entry: null });
}

const ownerOf = ({ Namespace, ID }: Job) => `${Namespace}/${ID}`;

function entriesOf(state: State, job: Job): Row<ConfigEntry>[] {
  return ["ingress-gateway", "terminating-gateway"]
    .flatMap((kind) => state.find(configEntries, "kind", kind))
    .filter(({ Meta }) => Meta[WRITTEN_BY] === ownerOf(job));
}

/** Whoever wrote it. */
function isSame(
  { CreateIndex: _, ModifyIndex: __, ...before }: Row<ConfigEntry>,
  entry: ConfigEntry,
): boolean {
  const content = (one: ConfigEntry) => JSON.stringify({ ...one, Meta: {} });
  return content(before) === content(entry);
}

function refuseForeign({ Kind, Name, Meta }: ConfigEntry, job: Job): void {
  const writer = Meta[WRITTEN_BY];
  if (writer === ownerOf(job)) return;
  const who = writer === undefined ? "by hand" : `by the job "${writer}"`;
  throw new RefusedError(
    `the gateway "${Name}" of the job has a config entry of its own, but ${Kind}/${Name} was written ${who} and says something else: ` +
      `delete it ("config delete -kind ${Kind} -name ${Name}"), or give the gateway's service another name`,
  );
}
