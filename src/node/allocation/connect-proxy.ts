import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { proxiedService, type ServiceInstance } from "#model/catalog.ts";
import { shortId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Task } from "#model/job/task.ts";
import { retry } from "#model/retry.ts";
import type { Driver, Mount } from "../drivers/driver.ts";
import type { ProxyPages } from "../environment/proxy-pages.ts";
import type { Account, UserSpace } from "../host/accounts.ts";
import { isListening, type ListeningSocket } from "../network/sockets.ts";
import type { NodeContext } from "../node-context.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { statsTags } from "../services/sidecar.ts";
import type { TaskFolder } from "./folders.ts";

/** A task that runs an Envoy, and what the node does for it. */
export interface ConnectProxy {
  readonly service: string;
  /** Its folder of sockets and the node's Envoy, as the task may see them. */
  readonly mounts: readonly Mount[];
  readonly envoy: Mount;
  /** The socket on which the Envoy serves its admin pages to the node. */
  readonly adminSocket: string;
  /** Where it does not listen yet, in words; empty when it takes connections from the mesh and from the tasks. */
  missing(sockets: readonly ListeningSocket[]): string[];
  /** Waits for servers that are away, until `signal` aborts. */
  writeBootstrap(target: BootstrapTarget, signal: AbortSignal): Promise<void>;
  /** Serves its control plane no longer; the Envoy keeps what it has until someone serves it again. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export interface BootstrapTarget {
  readonly folder: TaskFolder;
  readonly account: Account;
}

export interface ProxyParts {
  readonly context: NodeContext;
  readonly allocation: AssignedAllocation;
  readonly group: TaskGroup;
  readonly task: Task;
  readonly account: Account;
  readonly driver: Driver;
  /** The proxy's own instance in the catalog. */
  readonly instance: ServiceInstance;
  readonly pages: ProxyPages;
}

/** Where a task's Envoy finds the sockets that join it to the node. */
const SOCKETS = "/run/yurt";
const CONTROL_PLANE = "xds.sock";
const ADMIN = "admin.sock";
/** What is open to everybody is in a folder that is closed. */
const OPEN = "run";
/** The kernel's limit for the path of a socket (unix(7)), less its final zero. */
const LONGEST_SOCKET_PATH = 107;

/** Throws an error in words when sockets in this data folder would have paths that are too long. */
export function checkSocketPaths(dataFolder: string): void {
  const longest = join(socketFolder(dataFolder, "0".repeat(8), 10), OPEN, ADMIN);
  if (longest.length > LONGEST_SOCKET_PATH) {
    throw new Error(
      `the data folder ${dataFolder} has too long a path: sockets below it would exceed ${LONGEST_SOCKET_PATH} characters`,
    );
  }
}

function socketFolder(dataFolder: string, allocation: string, index: number): string {
  return join(dataFolder, "sockets", `${shortId(allocation)}-${index}`);
}

/** Opens the socket of a proxy's control plane, before the proxy starts. */
export async function openProxy(parts: ProxyParts): Promise<ConnectProxy> {
  const { context, allocation, group, task, account, driver, instance, pages } = parts;
  const index = group.Tasks.indexOf(task);
  const closed = socketFolder(context.dataFolder, allocation.ID, index);
  const folder = makeSocketFolder(closed, account, driver.users);
  const controlPlane = join(folder, CONTROL_PLANE);
  const served = await context.link.serveProxy(controlPlane, instance.ID);
  // Whoever can open the socket is this proxy.
  chownSync(controlPlane, account.uid, account.gid);
  if (driver.users === "own") chmodSync(controlPlane, 0o777);
  const sockets: Mount = { source: folder, destination: SOCKETS, readOnly: false };
  const envoy: Mount = { source: context.envoyBinary, destination: "/opt/yurt/envoy", readOnly: true };
  const service = proxiedService(instance);
  const listeners = listenersOf(instance);
  return {
    service,
    mounts: [sockets, envoy],
    envoy,
    adminSocket: join(folder, ADMIN),
    missing: (found) =>
      listeners
        .filter(({ port, address }) => !isListening(found, port, address))
        .map(({ port, address, what }) => `${what} (${address}:${port})`),
    writeBootstrap: async ({ folder: { secrets }, account: owner }, signal) => {
      const seen = driver.locate(sockets);
      const placement = {
        proxyId: instance.ID,
        service,
        controlPlaneSocket: join(seen, CONTROL_PLANE),
        adminSocket: join(seen, ADMIN),
        ...pages,
        statsTags: statsTags(allocation),
      };
      const text = await retry(
        () => context.link.proxyBootstrap(placement),
        signal,
        (error) => context.log.warn("a proxy has no configuration yet", { proxy: instance.ID, error }),
      );
      if (text === null) return;
      const mode = driver.users === "own" ? 0o644 : 0o600;
      writeNew(join(secrets, "envoy_bootstrap.json"), text, owner, mode);
    },
    leave: async () => served[Symbol.asyncDispose](),
    close: async () => {
      await served[Symbol.asyncDispose]();
      await rm(closed, { recursive: true, force: true });
    },
  };
}

/** Gives the folder that the task sees. No other user of the host can enter it. */
function makeSocketFolder(closed: string, account: Account, users: UserSpace): string {
  mkdirSync(dirname(closed), { recursive: true, mode: 0o711 });
  mkdirSync(closed, { recursive: true, mode: 0o700 });
  if (users === "host") {
    chownSync(closed, account.uid, account.gid);
    return closed;
  }
  const open = join(closed, OPEN);
  mkdirSync(open, { recursive: true });
  chmodSync(open, 0o777);
  return open;
}

interface Listener {
  readonly what: string;
  readonly address: string;
  readonly port: number;
}

/** Those of a gateway depend on the mesh's configuration. */
function listenersOf({ Kind, Proxy: proxy }: ServiceInstance): Listener[] {
  if (Kind !== "connect-proxy") return [];
  const port = Number(proxy?.Config["bind_port"] ?? 0);
  const address = String(proxy?.Config["bind_address"] ?? "0.0.0.0");
  const upstreams = (proxy?.Upstreams ?? [])
    .filter(({ LocalBindPort }) => LocalBindPort > 0)
    .map((upstream) => ({
      what: `the upstream ${upstream.DestinationName}`,
      address: upstream.LocalBindAddress,
      port: upstream.LocalBindPort,
    }));
  const exposed = (proxy?.Expose.Paths ?? []).map(({ Path, ListenerPort }) => ({
    what: `the exposed path ${Path}`,
    address,
    port: ListenerPort,
  }));
  return [{ what: "the mesh", address, port }, ...upstreams, ...exposed];
}

function writeNew(path: string, text: string, owner: Account, mode: number): void {
  rmSync(path, { force: true });
  const file = openSync(path, "wx", mode);
  try {
    writeFileSync(file, text);
    fchmodSync(file, mode);
    fchownSync(file, owner.uid, owner.gid);
  } finally {
    closeSync(file);
  }
}
