import { Pulse } from "#model/pulse.ts";
import { retry } from "#model/retry.ts";
import type { TemplateAnswer, TemplateQuery } from "#model/template-data.ts";
import type { ServerLink } from "../server-link.ts";

/** So many different things one task's templates may ask for. */
const MOST_QUESTIONS = 1000;

/** The answers to what the templates of a task ask, kept up to date for as long as the task lives. */
export class DataSource {
  /** Fires when an answer has come or has changed. */
  readonly changed = new Pulse();
  /** Counts the changes. */
  version = 0;
  readonly #link: ServerLink;
  readonly #failed: (error: unknown) => void;
  readonly #answers = new Map<string, { readonly value: unknown } | null>();
  readonly #closed = new AbortController();

  constructor(link: ServerLink, failed: (error: unknown) => void) {
    this.#link = link;
    this.#failed = failed;
  }

  /** Undefined until the servers have answered. Whatever was asked once is watched from then on. */
  ask<Query extends TemplateQuery>(query: Query): TemplateAnswer<Query> | undefined {
    const key = JSON.stringify(query);
    const known = this.#answers.get(key);
    if (known !== undefined) return known?.value as TemplateAnswer<Query> | undefined;
    if (this.#answers.size >= MOST_QUESTIONS)
      throw new Error(`templates may ask for ${MOST_QUESTIONS} things at most`);
    this.#answers.set(key, null);
    void this.#watch(query, key);
    return undefined;
  }

  close(): void {
    this.#closed.abort();
  }

  async #watch(query: TemplateQuery, key: string): Promise<void> {
    const { signal } = this.#closed;
    const follow = async () => {
      for await (const value of this.#link.templateData(query, signal)) {
        this.#answers.set(key, { value });
        this.version += 1;
        this.changed.fire();
      }
      if (!signal.aborted) throw new Error("the stream of a template's data ended");
    };
    await retry(follow, signal, this.#failed);
  }
}
