import type { Root } from "#mesh/ca/root.ts";
import { nextRetirement, retire } from "#mesh/ca/rotator.ts";
import { rootKeys, roots } from "#mesh/tables.ts";
import type { Log } from "#model/log.ts";
import type { State } from "#state/state.ts";
import type { Row } from "#state/table.ts";

/** The longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Removes each root that was followed by another, with its key, once the last of its leaves is over. */
export class RootRetirement {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    const stop = state.observe(({ changes }) => {
      if (changes.has(roots.name)) this.#schedule();
    });
    this.#stop = () => {
      stop();
      clearTimeout(this.#timer);
    };
    this.#schedule();
  }

  close(): void {
    this.#stop();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const time = nextRetirement(this.#state.all(roots));
    if (time === null) return;
    const wait = Math.min(Math.max(time - Date.now(), 0), LONGEST_TIMER);
    this.#timer = setTimeout(() => void this.#retire(), wait).unref();
  }

  async #retire(): Promise<void> {
    try {
      const { removed, changed } = retire(this.#state.all(roots).map(withoutIndexes), Date.now());
      await this.#state.transact((tx) => {
        for (const { ID } of removed) {
          tx.delete(roots, ID);
          tx.delete(rootKeys, ID);
        }
        for (const root of changed) tx.put(roots, root.ID, root);
      });
      if (removed.length === 0) this.#schedule();
      for (const { ID } of removed)
        this.#log.info("an old root certificate is no longer trusted", { root: ID });
    } catch (error) {
      this.#log.error("an old root certificate could not be removed", { error });
    }
  }
}

function withoutIndexes({ CreateIndex: _, ModifyIndex: __, ...root }: Row<Root>): Root {
  return root;
}
