import { effect } from "@preact/signals-core";
import type { Leaf } from "#mesh/ca/leaf.ts";
import type { Mesh } from "#mesh/mesh.ts";
import { Pulse } from "#model/pulse.ts";
import { HttpError } from "../http-error.ts";
import type { Watched } from "../query.ts";

/** A service that nobody has asked about for this time is forgotten with its key. Milliseconds. */
const KEPT = 15 * 60_000;
/** At most so many services at a time. */
const MOST = 1000;
/** How long a first certificate may take. Milliseconds. */
const LONGEST_START = 5000;

/** A service's leaf as clients of the agent wait for it. */
export class KeptLeaf implements Watched {
  leaf: Leaf | null = null;
  /** Of the first certificate. */
  created = 0;
  #index = 0;
  readonly #renewed = new Pulse();
  readonly stop: () => void;

  constructor(read: () => Leaf | null, revision: () => number) {
    this.stop = effect(() => {
      const leaf = read();
      if (leaf === null) return;
      this.leaf = leaf;
      this.#index = Math.max(this.#index + 1, revision());
      this.created ||= this.#index;
      this.#renewed.fire();
    });
  }

  index(): number {
    return this.#index;
  }

  changed(after: number, signal: AbortSignal): Promise<void> {
    return this.#renewed.until(() => this.#index > after, signal);
  }
}

/** The leaves that clients of this agent asked for, each kept fresh while somebody asks for it now and then. */
export class KeptLeaves {
  readonly #mesh: Mesh;
  readonly #revision: () => number;
  readonly #kept = new Map<string, { readonly leaf: KeptLeaf; forget: NodeJS.Timeout }>();

  constructor(mesh: Mesh, revision: () => number) {
    this.#mesh = mesh;
    this.#revision = revision;
  }

  /** With a first certificate. */
  async of(service: string): Promise<KeptLeaf & { readonly leaf: Leaf }> {
    const kept = this.#keep(service);
    await kept.changed(0, AbortSignal.timeout(LONGEST_START));
    if (kept.leaf === null) throw new HttpError(503, `no certificate for ${service} could be made in time`);
    return kept as KeptLeaf & { readonly leaf: Leaf };
  }

  close(): void {
    for (const service of [...this.#kept.keys()]) this.#forget(service);
  }

  #keep(service: string): KeptLeaf {
    const known = this.#kept.get(service);
    if (known === undefined && this.#kept.size >= MOST)
      throw new HttpError(
        429,
        `certificates of ${MOST} services are kept already; ask again in some minutes`,
      );
    clearTimeout(known?.forget);
    const leaf =
      known?.leaf ??
      new KeptLeaf(() => this.#mesh.certificates.leaf(`agent:${service}`, service), this.#revision);
    const forget = setTimeout(() => this.#forget(service), KEPT).unref();
    this.#kept.set(service, { leaf, forget });
    return leaf;
  }

  #forget(service: string): void {
    const kept = this.#kept.get(service);
    clearTimeout(kept?.forget);
    kept?.leaf.stop();
    this.#kept.delete(service);
  }
}
