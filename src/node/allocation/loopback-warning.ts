import { holderOf, isLoopback, type ListeningSocket } from "../network/sockets.ts";
import type { TaskRunner } from "../task/task-runner.ts";

/**
 * Finds workloads of the mesh that listen on other addresses than loopback: who can reach the allocation's
 * address reaches them round their proxy, without encryption and whatever the intentions say. Each socket is
 * told of once.
 */
export class LoopbackWarning {
  readonly #workloads: readonly TaskRunner[];
  readonly #told = new Set<string>();

  constructor(workloads: readonly TaskRunner[]) {
    this.#workloads = workloads;
  }

  /** Gives the warnings that are new. */
  async look(sockets: readonly ListeningSocket[]): Promise<string[]> {
    const open = sockets.filter(
      ({ protocol, address, inode }) => protocol === "tcp" && !isLoopback(address) && !this.#told.has(inode),
    );
    const warnings: string[] = [];
    for (const socket of open) {
      this.#told.add(socket.inode);
      warnings.push(...(await this.#warn(socket)));
    }
    return warnings;
  }

  async #warn({ address, port, inode }: ListeningSocket): Promise<string[]> {
    for (const task of this.#workloads) {
      const { pids = [] } = (await task.running?.usage()) ?? {};
      const command = await holderOf(inode, pids);
      if (command === null) continue;
      const message =
        `"${command}" listens on ${address}:${port}: it can be reached round the service mesh's proxy. ` +
        "Bind it to 127.0.0.1";
      if (!task.state.Events.some(({ DisplayMessage }) => DisplayMessage === message)) task.warn(message);
      return [message];
    }
    return [];
  }
}
