import { effect, type Signal, signal } from "@preact/signals-core";
import { KeptSignals } from "../cells.ts";
import { type Leaf, newLeaf, type Root } from "./authority.ts";
import type { ServiceIdentity } from "./spiffe.ts";

/** The longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface LeafOptions {
  /** The root that signs now: a cell, so that its change renews every leaf. */
  readonly root: () => Root | null;
  /** Milliseconds. A leaf is renewed when half of it is over. */
  readonly lifetime: number;
  readonly failed: (proxyId: string, error: unknown) => void;
}

/**
 * The leaf of each proxy, for as long as somebody depends on it: made when it is first asked for, renewed at
 * half its life and when the root changes, forgotten with its key when nobody asks any more. Keys are never
 * stored. Null until the first one is made.
 */
export class Leaves {
  readonly #options: LeafOptions;
  readonly #leaves = new KeptSignals<Signal<Leaf | null>>();

  constructor(options: LeafOptions) {
    this.#options = options;
  }

  leaf(proxyId: string, identity: ServiceIdentity): Leaf | null {
    return this.#leaves.get(proxyId, (options) => {
      let stop = () => {};
      const leaf: Signal<Leaf | null> = signal<Leaf | null>(null, {
        watched: () => {
          options.watched?.call(leaf);
          stop = effect(() => {
            const root = this.#options.root();
            return root === null ? undefined : this.#keepFresh(proxyId, identity, root, leaf);
          });
        },
        unwatched: () => {
          stop();
          options.unwatched?.call(leaf);
        },
      });
      return leaf;
    }).value;
  }

  /** Renews one leaf again and again until the returned function is called. */
  #keepFresh(proxyId: string, identity: ServiceIdentity, root: Root, leaf: Signal<Leaf | null>): () => void {
    const { lifetime, failed } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    const renew = async () => {
      const fresh = await newLeaf(root, identity, lifetime, Date.now());
      if (stopped) return;
      leaf.value = fresh;
      waitUntil(Date.now() + lifetime / 2);
    };
    const start = () => {
      renew().catch((error: unknown) => {
        failed(proxyId, error);
        waitUntil(Date.now() + 1000);
      });
    };
    const waitUntil = (time: number) => {
      if (stopped) return;
      const remaining = time - Date.now();
      timer = setTimeout(
        remaining > LONGEST_TIMER ? () => waitUntil(time) : start,
        Math.min(Math.max(remaining, 0), LONGEST_TIMER),
      ).unref();
    };
    start();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }
}
