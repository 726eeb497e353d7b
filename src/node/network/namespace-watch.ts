import { Pulse } from "../host/pulse.ts";
import { type ListeningSocket, listeningSockets, socketCounts } from "./sockets.ts";

/** Milliseconds between two looks: short after something has happened, then ever longer. */
const SHORTEST = 5;
const LONGEST = 2000;
const SHARE = 20;
/** After so long the tables are read even when there are as many sockets as before. */
const LONGEST_TRUST = 30_000;

/**
 * Knows what listens in a network namespace. The kernel tells nobody of new listeners, so it counts the
 * sockets, often after a task has started or ended, seldom otherwise, and reads their tables when there are
 * more or fewer: a count costs some microseconds, the tables milliseconds.
 */
export class NamespaceWatch {
  /** Fires after each look that found something new or gone. */
  readonly changed = new Pulse();
  sockets: readonly ListeningSocket[] = [];
  readonly #process: () => number | "self" | null;
  readonly #hurried = new Pulse();
  #hurriedAt = performance.now();
  /** What was counted before the tables were last read, and when that was. */
  #read = { counted: "", at: 0 };

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
    const sockets = process === null ? [] : await this.#socketsOf(process);
    const isSame = identities(sockets) === identities(this.sockets);
    this.sockets = sockets;
    if (!isSame) this.changed.fire();
  }

  async #socketsOf(process: number | "self"): Promise<readonly ListeningSocket[]> {
    const counts = socketCounts(process);
    const counted = `${process} ${[...counts.values()].join(" ")}`;
    const now = performance.now();
    if (counted === this.#read.counted && now < this.#read.at + LONGEST_TRUST) return this.sockets;
    this.#read = { counted, at: now };
    return listeningSockets(process, counts);
  }
}

function identities(sockets: readonly ListeningSocket[]): string {
  return sockets
    .map(({ inode }) => inode)
    .sort()
    .join(" ");
}
