import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { StreamObserver } from "./ads-stream.ts";
import type { ResourceKind } from "./resource.ts";
import type { Rejection } from "./snapshot.ts";

/** What the discovery service does, as metrics: every name of it is here. */
export class StreamMetrics implements Partial<StreamObserver> {
  readonly #streams: Gauge;
  readonly #opened: Counter;
  readonly #pushes: Counter;
  readonly #sizes: Histogram;
  readonly #synced: Histogram;
  readonly #rejections: Counter<"kind">;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#streams = new Gauge({
      name: "yurt_xds_streams",
      help: "Proxies that are connected now.",
      registers,
    });
    this.#opened = new Counter({
      name: "yurt_xds_streams_opened_total",
      help: "Streams that proxies have opened.",
      registers,
    });
    this.#pushes = new Counter({
      name: "yurt_xds_pushes_total",
      help: "Responses that were sent to proxies.",
      registers,
    });
    this.#sizes = new Histogram({
      name: "yurt_xds_push_bytes",
      help: "Size of a response.",
      buckets: [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000],
      registers,
    });
    this.#synced = new Histogram({
      name: "yurt_xds_sync_seconds",
      help: "Time from a change of what a proxy should hold until it has acknowledged all of it.",
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    });
    this.#rejections = new Counter({
      name: "yurt_xds_rejections_total",
      help: "Responses that a proxy would not take.",
      labelNames: ["kind"],
      registers,
    });
  }

  connected(): void {
    this.#streams.inc();
    this.#opened.inc();
  }

  disconnected(): void {
    this.#streams.dec();
  }

  pushed(_proxyId: string, _kind: ResourceKind, bytes: number): void {
    this.#pushes.inc();
    this.#sizes.observe(bytes);
  }

  rejected(_proxyId: string, { kind }: Rejection): void {
    this.#rejections.inc({ kind });
  }

  synced(_proxyId: string, since: number): void {
    this.#synced.observe((performance.now() - since) / 1000);
  }
}
