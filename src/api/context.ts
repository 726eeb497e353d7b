import type { Registry } from "prom-client";
import type { AllocationId, NodeId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import type { CheckUpdate } from "#server/catalog.ts";
import type { Federation } from "#server/datacenters/federation.ts";
import type { ProxyTokens } from "#server/proxy-tokens.ts";
import type { Server } from "#server/server.ts";
import type { ProxyResources } from "#xds/proxy-resources.ts";
import type { ProxyStatuses } from "#xds/proxy-status.ts";

/** What the routes are made of. */
export interface ApiContext {
  readonly server: Server;
  /** The node that lives in this process. */
  readonly node: NodeAccess;
  readonly proxies: ProxyStatuses;
  readonly resources: ProxyResources;
  readonly agent: AgentFacts;
  /** The other datacenters of the mesh; null where there is one. */
  readonly federation: Federation | null;
  /** Of proxies that reach their control plane by TLS and show a token; null where none is asked for. */
  readonly door: { readonly tokens: ProxyTokens; readonly operatorToken: string } | null;
  readonly links: PeeringAccess;
  readonly metrics: Registry;
  readonly log: Log;
}

/** What the API asks of the streams to other meshes. */
export interface PeeringAccess {
  establish(name: string, token: string, meta: Readonly<Record<string, string>>): Promise<void>;
  /** False where nothing is known under that name. */
  delete(name: string): Promise<boolean>;
  /** Milliseconds since 1970, 0 for never; null where there has been no stream. */
  times(name: string): {
    readonly lastHeartbeat: number;
    readonly lastReceive: number;
    readonly lastSend: number;
  } | null;
}

export interface AgentFacts {
  readonly version: string;
  readonly envoyVersion: string;
  readonly name: string;
  readonly datacenter: string;
  readonly nodeId: NodeId;
  /** Where services of this node are reached. */
  readonly address: string;
  readonly bind: string;
  readonly httpPort: number;
  readonly consulHttpPort: number;
  /** Where proxies reach their control plane by address; -1 where they do not. */
  readonly grpc: { readonly plaintext: number; readonly tls: number };
  readonly dev: boolean;
  /** What runs the Envoys of jobs that do not say it. */
  readonly sidecarDriver: string;
}

/** What the API asks of the node that an allocation runs on. */
export interface NodeAccess {
  logs(allocation: AllocationId, task: string, options: LogOptions): AsyncIterable<Uint8Array>;
  exec(allocation: AllocationId, task: string, options: ExecOptions): Promise<ExecSession>;
  restart(allocation: AllocationId, task: string | null): Promise<void>;
  signal(allocation: AllocationId, task: string | null, signal: string): Promise<void>;
  stats(allocation: AllocationId): Promise<unknown>;
  files(allocation: AllocationId): FileAccess;
  /** A page of a proxy's admin interface; null when it does not answer. */
  proxyAdmin(allocation: AllocationId, task: string, path: string): Promise<string | null>;
  /** Somebody told the status of a check that was registered by hand. */
  checkTold(update: CheckUpdate): void;
}

/** The files of an allocation; paths begin at its folder. */
export interface FileAccess {
  list(path: string): Promise<readonly unknown[]>;
  stat(path: string): Promise<{ readonly IsDir: boolean; readonly Size: number }>;
  read(path: string, offset: number, limit?: number): AsyncIterable<Uint8Array>;
  /** Goes on as the file grows, until `signal` aborts. */
  follow(path: string, offset: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface LogOptions {
  readonly type: "stdout" | "stderr";
  readonly follow: boolean;
  readonly offset: number;
  readonly origin: "start" | "end";
  readonly signal: AbortSignal;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
}

export interface ExecSession {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  resize(columns: number, rows: number): Promise<void>;
  readonly exitCode: Promise<number>;
  kill(): void;
}
