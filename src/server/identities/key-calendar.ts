import type { KeyringOptions } from "#model/keyring-options.ts";
import type { Log } from "#model/log.ts";
import { millisecond } from "#model/schema/duration.ts";
import { nanosecondsNow } from "../time.ts";
import type { Keyring } from "./keyring.ts";
import { nextStep } from "./rotation.ts";

/** The longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Keys come and go in time: each is followed by another, and goes when no token needs it any more. */
export class KeyCalendar {
  readonly #keyring: Keyring;
  readonly #options: KeyringOptions;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;

  constructor(keyring: Keyring, options: KeyringOptions, log: Log) {
    this.#keyring = keyring;
    this.#options = options;
    this.#log = log;
    const act = () =>
      this.act().catch((error: unknown) =>
        log.error("keys of identities could not be rotated or removed", { error }),
      );
    this.#timer = setInterval(() => void act(), Math.min(options.gcInterval, LONGEST_TIMER)).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async act(): Promise<void> {
    const { rotationThreshold, gcThreshold } = this.#options;
    await this.#rotate(rotationThreshold * millisecond);
    for (const key of await this.#keyring.forget(gcThreshold * millisecond))
      this.#log.info("a key by which no identity is verified any more is removed", { key });
  }

  async #rotate(threshold: number): Promise<void> {
    const step = nextStep(this.#keyring.keys, threshold, nanosecondsNow());
    switch (step?.kind) {
      case undefined:
        return;
      case "promote":
        await this.#keyring.promote(step.id);
        return this.#log.info("identities are signed with another key", { key: step.id });
      case "prepublish": {
        const { KeyID: key } = await this.#keyring.rotate(step.publishTime);
        const from = new Date(step.publishTime / millisecond).toISOString();
        return this.#log.info("the next key of identities is published", { key, from });
      }
    }
  }
}
