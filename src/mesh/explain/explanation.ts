import type { Protocol } from "#model/config-entry/config-entry.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Decision } from "../intention-decision.ts";
import type { Bind } from "../sidecar.ts";
import type { Beyond } from "./beyond.ts";

/** A request that is asked about; only protocols with requests look at more than the services. */
export interface AskedRequest {
  readonly source: string;
  readonly destination: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The ways that a request of one service to another would take, and what is decided on them. */
export interface Explanation {
  readonly source: string;
  readonly destination: string;
  readonly method: string;
  readonly path: string;
  readonly protocol: Protocol;
  /** Where the source's tasks call; null when no instance of it has the destination as an upstream. */
  readonly upstream: { readonly proxyId: string; readonly bind: Bind; readonly listener: string } | null;
  /** Null where single requests are not seen. */
  readonly route: RouteStep | null;
  /** One for each share of the requests, the first first. */
  readonly ways: readonly Way[];
  /** What would make the request fail, in order of the way. Empty when it would pass. */
  readonly obstacles: readonly string[];
}

/** What is in force, and which entry says so. */
export interface Setting {
  readonly value: string;
  readonly from: string;
}

export interface RouteStep {
  /** Which route of which entry takes the request, or that none is needed. */
  readonly because: string;
  /** As it goes on. */
  readonly path: string;
  readonly idleTimeout: Setting;
  readonly retries: Setting;
}

export interface Way {
  /** In percent. */
  readonly share: number;
  /** Which split of which entry this is. */
  readonly because: string;
  /** Of the chain; `[<subset>.]<service>.default.default.<datacenter>`. */
  readonly target: string;
  readonly service: string;
  /** Which of the service's instances; null for all of them. */
  readonly subset: Setting | null;
  readonly cluster: { readonly name: string; readonly serverName: string; readonly expects: string };
  readonly connectTimeout: Setting;
  /** Null where single requests are not seen. */
  readonly requestTimeout: Setting | null;
  readonly loadBalancer: Setting;
  readonly endpoints: readonly Endpoint[];
  /** Where requests go in turn when no endpoint is healthy. */
  readonly failover: readonly FailoverStep[];
  /** The service whose instances the request reaches: the target's, or that of a failover. */
  readonly reached: string;
  /** By the intentions of the service that is reached. */
  readonly decision: Decision & { readonly because: string };
  /** Where the destination's proxies hand a request on. */
  readonly local: readonly { readonly proxyId: string; readonly address: string; readonly port: number }[];
  /** Where the request goes on in the mesh of a peer. */
  readonly beyond: Beyond | null;
}

export interface FailoverStep {
  readonly target: string;
  readonly from: string;
  readonly healthy: number;
  readonly all: number;
}
