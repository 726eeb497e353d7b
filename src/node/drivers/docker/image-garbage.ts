import type { Engine } from "./engine.ts";

/**
 * The images that tasks of this agent have brought to the node. One that no task uses any more is removed after a
 * while; those that were there before stay.
 */
export class ImageGarbage {
  readonly #engine: Engine;
  /** Milliseconds; null for never. */
  readonly #delay: number | null;
  /** The tasks that use each. */
  readonly #users = new Map<string, Set<string>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(engine: Engine, delay: number | null) {
    this.#engine = engine;
    this.#delay = delay;
  }

  /** Whether the image is one of those. `isBrought`: the task has just brought it, or an earlier agent knew that. */
  use(image: string, task: string, isBrought: boolean): boolean {
    const users = this.#users.get(image) ?? (isBrought ? new Set() : null);
    if (users === null) return false;
    this.#users.set(image, users.add(task));
    clearTimeout(this.#timers.get(image));
    return true;
  }

  release(image: string, task: string): void {
    const users = this.#users.get(image);
    users?.delete(task);
    if (users?.size !== 0 || this.#delay === null) return;
    clearTimeout(this.#timers.get(image));
    this.#timers.set(image, setTimeout(() => void this.#remove(image), this.#delay).unref());
  }

  async #remove(image: string): Promise<void> {
    this.#timers.delete(image);
    this.#users.delete(image);
    // One that somebody else uses, or has given a name of his own, stays; so it does when no daemon answers.
    await this.#engine.find(`/images/${image}`, { method: "DELETE" }).catch(() => {});
  }
}
