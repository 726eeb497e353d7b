import type { Allocation, AllocationUpdate } from "#model/allocation.ts";
import type { CheckStatus, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { AllocationId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import type { TemplateAnswer, TemplateQuery } from "#model/template-data.ts";

/** An allocation with the version of the job that it runs. */
export interface AssignedAllocation extends Allocation {
  readonly Job: Job;
}

/** The services of one allocation and their checks, as they should stand in the catalog. */
export interface AllocationServices {
  readonly instances: readonly ServiceInstance[];
  readonly checks: readonly HealthCheck[];
}

export interface CheckUpdate {
  /** The node that the check is registered at; the one that reports it by default. */
  readonly Node?: string;
  readonly CheckID: string;
  readonly Status: CheckStatus;
  readonly Output: string;
}

/** A check that somebody registered by hand, or that is gone. */
export interface RegisteredCheckChange {
  readonly id: string;
  readonly check: HealthCheck | null;
}

/** Where a proxy finds what, as the proxy itself sees the file system. */
export interface ProxyPlacement {
  readonly proxyId: string;
  readonly service: string;
  /** The socket on which its control plane answers, as the proxy sees it. */
  readonly controlPlaneSocket: string;
  /** The socket on which it shall serve its admin pages to the node, as the proxy sees it. */
  readonly adminSocket: string;
  readonly admin: { readonly address: string; readonly port: number };
  readonly ready: { readonly address: string; readonly port: number };
  /** `key=value` each, for its statistics. */
  readonly statsTags: readonly string[];
}

/** Which of a task's identities is wanted; `default` is the one without a name. */
export interface IdentityRequest {
  readonly allocation: AllocationId;
  readonly task: string;
  readonly identity: string;
}

export interface IdentityToken {
  readonly token: string;
  /** Milliseconds since 1970; null for never. */
  readonly expires: number | null;
}

/**
 * All that a node needs of the servers. Nothing in it assumes that a server lives in the same process:
 * everything is plain data, every call may fail and is then tried again by the node.
 */
export interface ServerLink {
  registerNode(node: Node): Promise<void>;

  /** All allocations of the node, again and whole each time one of them changes, until `signal` aborts. */
  allocations(node: Node["ID"], signal: AbortSignal): AsyncIterable<readonly AssignedAllocation[]>;

  updateAllocations(updates: readonly AllocationUpdate[]): Promise<void>;

  /** Makes the catalog hold exactly these services for the allocation. */
  putServices(allocation: AllocationId, services: AllocationServices): Promise<void>;
  removeServices(allocation: AllocationId): Promise<void>;
  updateChecks(node: string, updates: readonly CheckUpdate[]): Promise<void>;

  /** The checks of services on the node that no job runs: all of them first, then each that changes. */
  registeredChecks(node: string, signal: AbortSignal): AsyncIterable<readonly RegisteredCheckChange[]>;
  deregisterService(node: string, serviceId: string): Promise<void>;

  /** A signed identity of a task. */
  identity(request: IdentityRequest): Promise<IdentityToken>;

  /** The answer to a template's question, and a new one each time it has changed, until `signal` aborts. */
  templateData<Query extends TemplateQuery>(
    query: Query,
    signal: AbortSignal,
  ): AsyncIterable<TemplateAnswer<Query>>;

  /** The text of an Envoy's first configuration. */
  proxyBootstrap(placement: ProxyPlacement): Promise<string>;

  /** Serves one proxy's control plane on a Unix socket at `path` of this machine, until it is disposed of. */
  serveProxy(path: string, proxyId: string): Promise<AsyncDisposable>;
}
