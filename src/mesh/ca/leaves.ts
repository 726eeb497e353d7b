import { effect, type Signal, signal } from "@preact/signals-core";
import { keyOf } from "#state/table.ts";
import { KeptSignals } from "../cells.ts";
import { newLeafKeyPair } from "./keys.ts";
import { type Leaf, newLeaf } from "./leaf.ts";
import type { Authority } from "./root.ts";
import { type SigningLimits, SigningTurns } from "./signing-turns.ts";
import { type LeafIdentity, uriOf } from "./spiffe.ts";

/** The longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * A leaf is renewed at a random point of this part of its life: not all at once, and with time left in which
 * the mesh stands also without its servers. (Consul's bounds are 0.6 and 0.9.)
 */
const RENEWAL = { from: 0.5, to: 0.75 };

/** When another root signs, each leaf is renewed within this time, milliseconds, or a tenth of its life. */
const LONGEST_WAIT = 30_000;

/** Between two attempts, milliseconds, also where a signing certificate is nearly over. */
const SHORTEST_WAIT = 1000;

export interface LeafOptions {
  /** Who signs now: a cell, so that its change renews every leaf. */
  readonly authority: () => Authority | null;
  /** Milliseconds; a cell. */
  readonly lifetime: () => number;
  readonly limits: () => SigningLimits;
  readonly failed: (proxyId: string, error: unknown) => void;
}

/**
 * The leaf of each proxy, for as long as somebody depends on it: its key is made here when it is first asked
 * for, renewed with its certificate in time and when another root signs, and forgotten when nobody asks any
 * more. Keys are never stored. Null until the first one is made.
 */
export class Leaves {
  readonly #options: LeafOptions;
  readonly #leaves = new KeptSignals<Signal<Leaf | null>>();
  readonly #turns: SigningTurns;

  constructor(options: LeafOptions) {
    this.#options = options;
    this.#turns = new SigningTurns(options.limits);
  }

  leaf(proxyId: string, identity: LeafIdentity): Leaf | null {
    const key = keyOf(proxyId, uriOf(identity), ...(identity.dnsNames ?? []));
    return this.#leaves.get(key, (options) => {
      let stop = () => {};
      const leaf: Signal<Leaf | null> = signal<Leaf | null>(null, {
        watched: () => {
          options.watched?.call(leaf);
          stop = effect(() => {
            const authority = this.#options.authority();
            const lifetime = this.#options.lifetime();
            return authority === null
              ? undefined
              : this.#keepFresh(proxyId, identity, authority, lifetime, leaf);
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
  #keepFresh(
    proxyId: string,
    identity: LeafIdentity,
    authority: Authority,
    lifetime: number,
    leaf: Signal<Leaf | null>,
  ): () => void {
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    const renew = async () => {
      const fresh = await this.#turns.take(async () => {
        if (stopped) return null;
        return newLeaf(authority, identity, await newLeafKeyPair(), lifetime, Date.now());
      });
      if (stopped || fresh === null) return;
      leaf.value = fresh;
      const now = Date.now();
      waitUntil(now + Math.max(SHORTEST_WAIT, (fresh.notAfter - now) * between(RENEWAL.from, RENEWAL.to)));
    };
    const start = () => {
      renew().catch((error: unknown) => {
        this.#options.failed(proxyId, error);
        waitUntil(Date.now() + SHORTEST_WAIT);
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
    if (leaf.peek() === null) start();
    else waitUntil(Date.now() + between(0, Math.min(LONGEST_WAIT, lifetime / 10)));
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }
}

function between(from: number, to: number): number {
  return from + Math.random() * (to - from);
}
