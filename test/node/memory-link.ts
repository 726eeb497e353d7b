import { rm, writeFile } from "node:fs/promises";
import { type AllocationUpdate, isTerminal } from "#model/allocation.ts";
import type { HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { AllocationId } from "#model/id.ts";
import type { Node } from "#model/node.ts";
import { Pulse } from "#model/pulse.ts";
import type { TemplateAnswer, TemplateQuery } from "#model/template-data.ts";
import type {
  AllocationServices,
  AssignedAllocation,
  CheckUpdate,
  IdentityRequest,
  IdentityToken,
  ProxyPlacement,
  RegisteredCheckChange,
  ServerLink,
} from "#node/server-link.ts";
import { staticEnvoy } from "./static-envoy.ts";

/** The servers' side of a node, over plain memory: what is assigned, what was reported, what is registered. */
export class MemoryLink implements ServerLink {
  readonly changed = new Pulse();
  readonly updates = new Map<AllocationId, AllocationUpdate>();
  readonly instances = new Map<AllocationId, readonly ServiceInstance[]>();
  readonly checks = new Map<string, HealthCheck>();
  node: Node | null = null;
  #assigned: readonly AssignedAllocation[] = [];

  /** What the node shall run, in place of what it ran. */
  assign(...assigned: readonly AssignedAllocation[]): void {
    this.#assigned = assigned;
    this.changed.fire();
  }

  /** What the node shall run beside the rest. */
  add(...assigned: readonly AssignedAllocation[]): void {
    this.assign(...this.#assigned, ...assigned);
  }

  /** Tells the node to end allocations, all when none is named. */
  stop(...ids: readonly AllocationId[]): void {
    const stopped = (id: AllocationId) => ids.length === 0 || ids.includes(id);
    this.assign(
      ...this.#assigned.map((each) =>
        stopped(each.ID) ? { ...each, DesiredStatus: "stop" as const } : each,
      ),
    );
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE);
    await this.changed.until(condition, late);
    if (!condition())
      throw new Error(`waited in vain for ${what}: ${JSON.stringify([...this.updates.values()])}`);
  }

  /** The checks of a service, by name. */
  checksOf(service: string): Record<string, string> {
    const checks = [...this.checks.values()].filter(({ ServiceName }) => ServiceName === service);
    return Object.fromEntries(checks.map(({ Name, Status }) => [Name, Status]));
  }

  async *registeredChecks(_: string, signal: AbortSignal): AsyncGenerator<readonly RegisteredCheckChange[]> {
    while (!signal.aborted) await this.changed.next(signal);
    yield [];
  }

  async deregisterService(): Promise<void> {
    // No service is registered here but by allocations.
  }

  async registerNode(node: Node): Promise<void> {
    this.node = node;
  }

  async *allocations(_: Node["ID"], signal: AbortSignal): AsyncGenerator<readonly AssignedAllocation[]> {
    let last: readonly AssignedAllocation[] | null = null;
    while (!signal.aborted) {
      if (last !== this.#assigned) {
        last = this.#assigned;
        yield last.map((each) => ({
          ...each,
          ClientStatus: this.updates.get(each.ID)?.ClientStatus ?? "pending",
        }));
      } else await this.changed.next(signal);
    }
  }

  async updateAllocations(updates: readonly AllocationUpdate[]): Promise<void> {
    for (const update of updates) this.updates.set(update.ID, update);
    this.changed.fire();
  }

  async putServices(allocation: AllocationId, { instances, checks }: AllocationServices): Promise<void> {
    const own = new Set((this.instances.get(allocation) ?? []).map(({ ID }) => ID));
    const before = [...this.checks.values()].filter(({ ServiceID }) => own.has(ServiceID));
    for (const { CheckID } of before) this.checks.delete(CheckID);
    this.instances.set(allocation, instances);
    for (const check of checks) {
      const known = before.find(({ CheckID }) => CheckID === check.CheckID);
      this.checks.set(
        check.CheckID,
        known ? { ...check, Status: known.Status, Output: known.Output } : check,
      );
    }
    this.changed.fire();
  }

  async removeServices(allocation: AllocationId): Promise<void> {
    const gone = new Set((this.instances.get(allocation) ?? []).map(({ ID }) => ID));
    this.instances.delete(allocation);
    for (const [id, { ServiceID }] of this.checks) if (gone.has(ServiceID)) this.checks.delete(id);
    this.changed.fire();
  }

  async updateChecks(_: string, updates: readonly CheckUpdate[]): Promise<void> {
    for (const { CheckID, Status, Output } of updates) {
      const known = this.checks.get(CheckID);
      if (known !== undefined) this.checks.set(CheckID, { ...known, Status, Output });
    }
    this.changed.fire();
  }

  async identity({ allocation, task, identity }: IdentityRequest): Promise<IdentityToken> {
    this.#tokens += 1;
    return { token: `${allocation} ${task} ${identity} ${this.#tokens}`, expires: Date.now() + 3000 };
  }

  #tokens = 0;

  /** What templates find, by the JSON of their question. Nothing is known of the others. */
  readonly data = new Map<string, unknown>();

  answer<Query extends TemplateQuery>(query: Query, answer: TemplateAnswer<Query>): void {
    this.data.set(JSON.stringify(query), answer);
    this.changed.fire();
  }

  async *templateData<Query extends TemplateQuery>(
    query: Query,
    signal: AbortSignal,
  ): AsyncGenerator<TemplateAnswer<Query>> {
    const key = JSON.stringify(query);
    let last: unknown;
    while (!signal.aborted) {
      const answer = this.data.get(key);
      if (answer !== undefined && answer !== last) yield answer as TemplateAnswer<Query>;
      last = answer;
      await this.changed.next(signal);
    }
  }

  /** An Envoy that needs no control plane: its listeners are those of its registration. */
  async proxyBootstrap(placement: ProxyPlacement): Promise<string> {
    const proxy = [...this.instances.values()].flat().find(({ ID }) => ID === placement.proxyId);
    if (!proxy) throw new Error(`no proxy ${placement.proxyId} is registered`);
    return JSON.stringify(staticEnvoy(placement, proxy, [...this.instances.values()].flat()));
  }

  async serveProxy(path: string, proxyId: string): Promise<AsyncDisposable> {
    await writeFile(path, proxyId);
    return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
  }

  isEnded(id: AllocationId): boolean {
    const update = this.updates.get(id);
    return update !== undefined && isTerminal(update.ClientStatus);
  }
}

/** Milliseconds after which something that was waited for will not come any more. */
const PATIENCE = 20_000;
