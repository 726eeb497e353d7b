import { hash } from "node:crypto";
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
    await watched.changed(after, waiting(request, query["wait"]));
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

/**
 * A blocking query by content: with `hash=H` it is answered once what it reads is another than when its reply said
 * H, or after `wait`. What is read by itself must not fail while it is waited for.
 */
export async function contentQuery<Result extends object>(
  state: State,
  tables: readonly Table<never>[],
  request: FastifyRequest,
  reply: FastifyReply,
  read: () => Result,
): Promise<Result> {
  const { hash: known = "", wait } = queryOf(request);
  const signal = known === "" ? AbortSignal.abort() : waiting(request, wait);
  for (;;) {
    const index = state.index(...tables);
    const result = read();
    const content = hash("sha256", JSON.stringify(result)).slice(0, 16);
    if (content !== known || signal.aborted) {
      reply.header("X-Consul-ContentHash", content);
      return result;
    }
    await state.changed(tables, index, signal);
  }
}

/** Aborts when the client is gone, or has waited for as long as it wants to. */
function waiting({ raw }: FastifyRequest, wait: string | undefined): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => gone.abort());
  const time = Math.min(milliseconds(wait) ?? DEFAULT_WAIT, LONGEST_WAIT);
  return AbortSignal.any([gone.signal, AbortSignal.timeout(time)]);
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
