import { Pulse } from "../host/pulse.ts";
import { type ListeningSocket, listeningSockets } from "./sockets.ts";

/** Milliseconds between two looks: short after something has happened, then ever longer. */
const SHORTEST = 5;
const LONGEST = 2000;
const SHARE = 20;

/**
 * Knows what listens in a network namespace. The kernel tells nobody of new listeners, so it looks, often
 * after a task has started or ended, seldom otherwise: a look costs a tenth of a millisecond.
 */
export class NamespaceWatch {
  /** Fires after each look that found something new or gone. */
  readonly changed = new Pulse();
  sockets: readonly ListeningSocket[] = [];
  readonly #process: () => number | "self" | null;
  readonly #hurried = new Pulse();
  #hurriedAt = performance.now();

  /** `process` gives a process that is in the namespace now; null while there is none. */
  constructor(process: () => number | "self" | null) {
    this.#process = process;
  }

  /** Something has happened that may change what listens. */
  hurry(): void {
    this.#hurriedAt = performance.now();
    this.#hurried.fire();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look();
      const wait = (performance.now() - this.#hurriedAt) / SHARE;
      await this.#hurried.next(signal, Math.min(LONGEST, Math.max(SHORTEST, wait)));
    }
  }

  async #look(): Promise<void> {
    const process = this.#process();
    const sockets = process === null ? [] : await listeningSockets(process);
    const isSame = identities(sockets) === identities(this.sockets);
    this.sockets = sockets;
    if (!isSame) this.changed.fire();
  }
}

function identities(sockets: readonly ListeningSocket[]): string {
  return sockets
    .map(({ inode }) => inode)
    .sort()
    .join(" ");
}
