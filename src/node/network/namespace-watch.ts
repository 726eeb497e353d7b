import { Pulse } from "#model/pulse.ts";
import { SocketList } from "./socket-list.ts";
import type { ListeningSocket } from "./sockets.ts";

/** Milliseconds between two looks: short after something has happened, then ever longer. */
const SHORTEST = 3;
const LONGEST = 2000;
const SHARE = 20;

/**
 * Knows what listens in a network namespace. The kernel tells nobody of new listeners, so it is asked: often after a
 * task has started or ended, seldom otherwise.
 */
export class NamespaceWatch {
  /** Fires after each look that found something new or gone. */
  readonly changed = new Pulse();
  sockets: readonly ListeningSocket[] = [];
  readonly #hurried = new Pulse();
  #hurriedAt = performance.now();

  /** Something has happened that may change what listens. */
  hurry(): void {
    this.#hurriedAt = performance.now();
    this.#hurried.fire();
  }

  /** `namespace` is its path; null for the host's. */
  async run(namespace: string | null, signal: AbortSignal): Promise<void> {
    using list = new SocketList(namespace);
    while (!signal.aborted) {
      this.#look(list.waiting());
      const wait = (performance.now() - this.#hurriedAt) / SHARE;
      await this.#hurried.next(signal, Math.min(LONGEST, Math.max(SHORTEST, wait)));
    }
  }

  #look(sockets: readonly ListeningSocket[]): void {
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
