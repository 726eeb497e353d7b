import { gatewayEntries, WRITTEN_BY } from "#connect/gateway-entries.ts";
import { CLUSTER_KEY, cluster, configEntries, configKey } from "#mesh/tables.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import type { Log } from "#model/log.ts";
import { pause } from "#model/pulse.ts";
import type { State } from "#state/state.ts";
import { isSameEntry, writerOf } from "../gateway-entries.ts";
import { jobs } from "../tables.ts";
import type { ForwardedAnswer, ForwardedRequest } from "./link.ts";

/** Milliseconds between attempts. */
const PAUSE = 1000;
const LIMIT = 30_000;

export type AskPrimary = (request: ForwardedRequest, signal: AbortSignal) => Promise<ForwardedAnswer>;

/** In a secondary datacenter: has the entries of its jobs' gateways written, and taken away, in the primary one. */
export class GatewayWriter {
  readonly #state: State;
  readonly #ask: AskPrimary;
  readonly #log: Log;
  readonly #forget: () => void;
  readonly #stop = new AbortController();
  #isDue = false;
  #isWriting = false;

  constructor(state: State, ask: AskPrimary, log: Log) {
    this.#state = state;
    this.#ask = ask;
    this.#log = log;
    this.#forget = state.observe(({ changes }) => {
      if (changes.has(jobs.name) || changes.has(configEntries.name)) this.#wake();
    });
    this.#wake();
  }

  close(): void {
    this.#forget();
    this.#stop.abort();
  }

  #wake(): void {
    this.#isDue = true;
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    let isTold = false;
    while (this.#isDue && !this.#stop.signal.aborted) {
      this.#isDue = false;
      try {
        for (const request of requestsFor(this.#state)) await this.#send(request);
      } catch (error) {
        if (!isTold)
          this.#log.warn("gateways' entries are not yet written in the primary datacenter", { error });
        isTold = true;
        this.#isDue = true;
        await pause(PAUSE, this.#stop.signal);
      }
    }
    this.#isWriting = false;
  }

  async #send(request: ForwardedRequest): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(LIMIT)]);
    const { status, body } = await this.#ask(request, signal);
    const reason = Buffer.from(body, "base64").toString();
    if (status !== 200) this.#log.error("the primary datacenter refuses a gateway's entry", { reason });
  }
}

/** What must be written so that the entries are those that this datacenter's jobs say. */
function requestsFor(state: State): ForwardedRequest[] {
  const own = state.get(cluster, CLUSTER_KEY);
  const wanted = new Map<string, ConfigEntry>();
  for (const job of state.all(jobs)) {
    if (job.Stop) continue;
    for (const entry of gatewayEntries(job).entries)
      wanted.set(configKey(entry), {
        ...entry,
        Meta: { ...entry.Meta, [WRITTEN_BY]: writerOf(job, own) },
      });
  }
  const isOwn = ({ Meta }: ConfigEntry) => Meta[WRITTEN_BY]?.endsWith(`@${own?.Datacenter}`) ?? false;
  const gone = ["ingress-gateway", "terminating-gateway"]
    .flatMap((kind) => state.find(configEntries, "kind", kind))
    .filter((entry) => isOwn(entry) && !wanted.has(configKey(entry)));
  const changed = [...wanted].flatMap(([key, entry]) => {
    const before = state.get(configEntries, key);
    const isToWrite = before === undefined || (isOwn(before) && !isSameEntry(before, entry));
    return isToWrite ? [entry] : [];
  });
  return [
    ...gone.map(({ Kind, Name }) => request("DELETE", `/v1/config/${Kind}/${encodeURIComponent(Name)}`, "")),
    ...changed.map((entry) => request("PUT", "/v1/config", JSON.stringify(entry))),
  ];
}

const request = (method: string, url: string, body: string): ForwardedRequest => ({
  ...{ method, url, body: Buffer.from(body).toString("base64") },
  headers: {},
});
