import type { AllocationId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import { NamespaceWatch } from "../network/namespace-watch.ts";
import type { TaskRunner } from "../task/task-runner.ts";
import type { ConnectProxy } from "./connect-proxy.ts";
import { LoopbackWarning } from "./loopback-warning.ts";

export interface ListenerParts {
  readonly log: Log;
  readonly allocation: AllocationId;
  readonly tasks: ReadonlyMap<string, TaskRunner>;
  readonly proxies: ReadonlyMap<string, ConnectProxy>;
  /** Told of each change of what listens. */
  readonly changed: () => void;
}

/** What the tasks and proxies of an allocation listen on, and what its users are to know of it. */
export class AllocationListeners {
  readonly watch = new NamespaceWatch();
  readonly #parts: ListenerParts;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Whether these proxies listen for all that they were made for. */
  areComplete(proxies: readonly string[]): boolean {
    return this.#missing(proxies).length === 0;
  }

  warnOfMissing(proxies: readonly string[]): void {
    for (const [task, missing] of this.#missing(proxies)) {
      const message = `the proxy does not listen yet for ${missing.join(", ")}; its stderr log may say why`;
      this.#parts.tasks.get(task)?.warn(message);
      this.#parts.log.warn(message, { alloc: this.#parts.allocation, task });
    }
  }

  /** `namespace` is its path; null for the host's. */
  async run(namespace: string | null, signal: AbortSignal): Promise<void> {
    const { log, allocation, tasks, proxies, changed } = this.#parts;
    const isJoined = proxies.size > 0;
    const workloads = [...tasks].filter(([name]) => !proxies.has(name));
    const warning = new LoopbackWarning(workloads.map(([, task]) => task));
    this.watch.run(namespace, signal).catch((error: unknown) => {
      log.error("what an allocation listens on cannot be found out", { alloc: allocation, error });
    });
    while (!signal.aborted) {
      const next = this.watch.changed.next(signal);
      changed();
      const found = isJoined ? await warning.look(this.watch.sockets) : [];
      for (const message of found) log.warn(message, { alloc: allocation });
      await next;
    }
  }

  #missing(proxies: readonly string[]): [task: string, missing: string[]][] {
    return proxies
      .map((task): [string, string[]] => [
        task,
        this.#parts.proxies.get(task)?.missing(this.watch.sockets) ?? [],
      ])
      .filter(([, missing]) => missing.length > 0);
  }
}
