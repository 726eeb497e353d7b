import type { DefaultPolicy } from "#mesh/intentions.ts";
import type { KeyringOptions } from "#model/keyring-options.ts";
import type { Log } from "#model/log.ts";
import type { HostVolume } from "#model/node.ts";
import type { NodeOptions } from "#node/node-agent.ts";
import type { WanOptions } from "./wan/wan.ts";

/** How the daemon is used that runs docker tasks. */
export type DockerSettings = NodeOptions["docker"];

export interface AgentOptions {
  readonly dev: boolean;
  /** Where state is kept; null for a temporary folder that goes with the agent. */
  readonly dataDir: string | null;
  readonly name: string;
  readonly datacenter: string;
  readonly nodeClass: string;
  readonly nodePool: string;
  /** Facts about the node, for jobs. */
  readonly meta: Readonly<Record<string, string>>;
  readonly bind: string;
  readonly httpPort: number;
  readonly consulHttpPort: number;
  /** Where proxies that no job runs reach their control plane, plain, in dev mode; -1 for nowhere. */
  readonly grpcPort: number;
  /** The same with TLS and a token, not in dev mode. */
  readonly grpcTlsPort: number;
  /** Where names are answered; null for Consul's usual port where it is free, -1 for nowhere. */
  readonly dnsPort: number | null;
  readonly defaultPolicy: DefaultPolicy;
  readonly envoyBinary: string | undefined;
  readonly docker: DockerSettings;
  readonly hostVolumes: Readonly<Record<string, HostVolume>>;
  /** What runs the Envoys of jobs that do not say it. */
  readonly sidecarDriver: string;
  /** The image of Envoy that sidecars of containers run; null for Envoy's own. */
  readonly sidecarImage: string | null;
  /** Milliseconds; as it is stored if not given. */
  readonly leafLifetime: number | undefined;
  readonly encryptKeyFile: string | undefined;
  /** The URL that the identities of tasks name as their issuer. */
  readonly oidcIssuer: string | null;
  readonly keyring: KeyringOptions;
  /** What the agent is: a server, a node, or both. */
  readonly role: AgentRole;
  /** Where nodes in other processes reach the server, or the servers the node; -1 for nowhere. */
  readonly rpcPort: number;
  /** `host:port` of servers elsewhere. */
  readonly servers: readonly string[];
  /** The secret by which servers and nodes know each other; null for the server's own place for it. */
  readonly joinTokenFile: string | null;
  /** Null where there is one datacenter. */
  readonly wan: WanOptions | null;
  readonly bridgeName: string;
  readonly bridgeSubnet: string;
  readonly version: string;
  readonly log: Log;
}

export type AgentRole = "both" | "server" | "client";
