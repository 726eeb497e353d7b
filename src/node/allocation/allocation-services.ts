import type { AllocationId } from "#model/id.ts";
import { retry } from "#model/retry.ts";
import type { NodeContext } from "../node-context.ts";
import { type PlannedServices, plannedServices, registration } from "../services/planned-services.ts";
import type { ServicePlace } from "../services/service-place.ts";

/** Milliseconds for the servers to take services out of the catalog before their tasks are ended all the same. */
const LEAVE_PATIENCE = 5000;

/** Services on their way into the catalog. */
export interface Registration {
  readonly done: Promise<void>;
  /** Resolves when they are not on their way any more, whether they have arrived or not. */
  cancel(): Promise<void>;
}

/** The services of an allocation, which are in the servers' catalog for as long as it runs. */
export class AllocationServices {
  readonly #context: NodeContext;
  readonly #allocation: AllocationId;
  readonly #place: () => ServicePlace;

  /** `place` is asked anew each time: the job may have changed. */
  constructor(context: NodeContext, allocation: AllocationId, place: () => ServicePlace) {
    this.#context = context;
    this.#allocation = allocation;
    this.#place = place;
  }

  planned(): PlannedServices {
    return plannedServices(this.#place());
  }

  hasAny(): boolean {
    return this.planned().instances.length > 0;
  }

  /** Until the servers know an allocation's services, its proxies would get no configuration. */
  async register(signal: AbortSignal): Promise<void> {
    if (!this.hasAny()) return;
    const planned = registration(this.planned());
    await retry(
      () => this.#context.link.putServices(this.#allocation, planned),
      signal,
      (error) => this.#warn("services are not registered yet", error),
    );
  }

  beginRegistration(signal: AbortSignal): Registration {
    const cancelled = new AbortController();
    const done = this.register(AbortSignal.any([signal, cancelled.signal]));
    const over = done.catch(() => {});
    const cancel = () => {
      cancelled.abort();
      return over;
    };
    return { done, cancel };
  }

  async leave(): Promise<void> {
    if (!this.hasAny()) return;
    await retry(
      () => this.#context.link.removeServices(this.#allocation),
      AbortSignal.timeout(LEAVE_PATIENCE),
      (error) => this.#warn("services are not deregistered yet", error),
    );
  }

  #warn(message: string, error: unknown): void {
    this.#context.log.warn(message, { alloc: this.#allocation, error });
  }
}
