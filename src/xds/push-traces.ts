import type { Span, Tracer } from "@opentelemetry/api";
import type { StreamObserver } from "./ads-stream.ts";
import type { ResourceKind } from "./resource.ts";
import type { Rejection } from "./snapshot.ts";

/**
 * A span for each time that a proxy is brought to what it should hold: from the change until it has acknowledged all of
 * it, with an event for each response and each rejection.
 */
export class PushTraces implements Partial<StreamObserver> {
  readonly #tracer: Tracer;
  readonly #open = new Map<string, Span>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  offered(proxyId: string): void {
    if (this.#open.has(proxyId)) return;
    this.#open.set(proxyId, this.#tracer.startSpan("xds.push", { attributes: { "yurt.proxy": proxyId } }));
  }

  pushed(proxyId: string, kind: ResourceKind, bytes: number): void {
    this.#open.get(proxyId)?.addEvent("response", { kind, bytes });
  }

  rejected(proxyId: string, { kind, names, message }: Rejection): void {
    this.#open.get(proxyId)?.addEvent("rejected", { kind, names: [...names], message });
  }

  synced(proxyId: string): void {
    this.#end(proxyId);
  }

  disconnected(proxyId: string): void {
    this.#open.get(proxyId)?.addEvent("disconnected");
    this.#end(proxyId);
  }

  #end(proxyId: string): void {
    this.#open.get(proxyId)?.end();
    this.#open.delete(proxyId);
  }
}
