import type { FastifyReply, FastifyRequest } from "fastify";
import type { State } from "#state/state.ts";
import type { Table } from "#state/table.ts";
import { badRequest } from "./http-error.ts";

export type Query = Readonly<Record<string, string | undefined>>;

export function queryOf(request: FastifyRequest): Query {
  const raw = request.query as Record<string, string | string[] | undefined>;
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]),
  );
}

export function parametersOf(request: FastifyRequest): Readonly<Record<string, string>> {
  return request.params as Record<string, string>;
}

/** A flag in a query: there, and not told to be false. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && !["false", "0"].includes(value);
}

export function namespaceOf(request: FastifyRequest): string {
  return queryOf(request)["namespace"] ?? "default";
}

const SECOND = 1000;
const DEFAULT_WAIT = 300 * SECOND;
const LONGEST_WAIT = 600 * SECOND;

/** What a blocking query waits for. */
export interface Watched {
  index(): number;
  /** Waits until the index is above `after`, or until `signal` aborts. */
  changed(after: number, signal: AbortSignal): Promise<void>;
}

/** A {@link blockingRead} of tables. */
export function blockingQuery<Result>(
  state: State,
  tables: readonly Table<never>[],
  request: FastifyRequest,
  reply: FastifyReply,
  read: () => Result,
): Promise<Result> {
  const watched: Watched = {
    index: () => state.index(...tables),
    changed: (after, signal) => state.changed(tables, after, signal),
  };
  return blockingRead(watched, request, reply, read);
}

/**
 * A blocking query: with `index=N` it is answered once what it reads has changed after N, or after `wait` (5
 * minutes; at most 10). The reply's index header says what to wait after next.
 */
export async function blockingRead<Result>(
  watched: Watched,
  request: FastifyRequest,
  reply: FastifyReply,
  read: () => Result,
): Promise<Result> {
  const query = queryOf(request);
  const after = wholeNumber("index", query["index"] ?? "0");
  if (after > 0 && watched.index() <= after) {
    const abort = new AbortController();
    const gone = () => abort.abort();
    request.raw.on("close", gone);
    const timeout = AbortSignal.timeout(Math.min(milliseconds(query["wait"]) ?? DEFAULT_WAIT, LONGEST_WAIT));
    await watched.changed(after, AbortSignal.any([abort.signal, timeout]));
    request.raw.off("close", gone);
  }
  const index = String(Math.max(1, watched.index()));
  reply
    .header("X-Nomad-Index", index)
    .header("X-Nomad-KnownLeader", "true")
    .header("X-Nomad-LastContact", "0");
  reply
    .header("X-Consul-Index", index)
    .header("X-Consul-KnownLeader", "true")
    .header("X-Consul-LastContact", "0");
  return read();
}

export function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`Invalid ${name}: expected a whole number, not "${text}"`);
  return Number(text);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: 60 * SECOND, h: 3600 * SECOND };

function milliseconds(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined)
    throw badRequest(`Invalid wait time: expected a duration such as 30s, not "${text}"`);
  return Number(amount) * (UNITS[unit ?? "ms"] ?? 1);
}
