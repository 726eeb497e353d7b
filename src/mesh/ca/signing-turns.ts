import { setTimeout as pause } from "node:timers/promises";

/** 0 sets no limit. */
export interface SigningLimits {
  readonly perSecond: number;
  /** At a time; without effect where `perSecond` is set. */
  readonly concurrent: number;
}

/** Milliseconds. */
export interface Clock {
  now(): number;
  wait(time: number): Promise<void>;
}

const clock: Clock = {
  now: () => performance.now(),
  wait: (time) => pause(time, undefined, { ref: false }),
};

/** Who wants a certificate waits until it is their turn, so that a storm of requests leaves time for other work. */
export class SigningTurns {
  readonly #limits: () => SigningLimits;
  readonly #clock: Clock;
  #nextTurn = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limits: () => SigningLimits, own: Clock = clock) {
    this.#limits = limits;
    this.#clock = own;
  }

  async take<Result>(sign: () => Promise<Result>): Promise<Result> {
    const { perSecond, concurrent } = this.#limits();
    if (perSecond > 0) {
      await this.#waitForTurn(1000 / perSecond);
      return sign();
    }
    if (concurrent > 0 && this.#running >= concurrent) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await sign();
    } finally {
      // Who waits takes this place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #waitForTurn(distance: number): Promise<void> {
    const now = this.#clock.now();
    const turn = Math.max(now, this.#nextTurn);
    this.#nextTurn = turn + distance;
    if (turn > now) await this.#clock.wait(turn - now);
  }
}
