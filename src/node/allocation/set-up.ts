import type { ServiceInstance } from "#model/catalog.ts";
import { type ProxyKind, readProxyKind, serviceKindOf } from "#model/job/proxy-kind.ts";
import type { Task } from "#model/job/task.ts";
import type { NetworkHolder } from "../drivers/driver.ts";
import { nodeReferences } from "../environment/interpolation.ts";
import { proxyPages } from "../environment/proxy-pages.ts";
import { allocationEnvironment } from "../environment/task-environment.ts";
import type { Attachment, MappedPort } from "../network/bridge-network.ts";
import { redirect } from "../network/redirection.ts";
import { SocketList } from "../network/socket-list.ts";
import type { NodeContext } from "../node-context.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { groupRedirection } from "../services/group-redirection.ts";
import { plannedServices } from "../services/planned-services.ts";
import type { ServicePlace } from "../services/service-place.ts";
import { prepareTask } from "../task/launch.ts";
import { type AllocationHome, groupOf, upstreamsOf } from "./allocation-home.ts";
import type { AllocationServices } from "./allocation-services.ts";
import { type ConnectProxy, openProxy } from "./connect-proxy.ts";
import { makeAllocationFolder } from "./folders.ts";

/** What tasks can be made in. */
export interface SetUp {
  /** By their tasks' names. */
  readonly proxies: ReadonlyMap<string, ConnectProxy>;
  /** Resolves when tasks may begin: their network is there, and the servers know their services. */
  readonly joined: Promise<void>;
}

/** `isFirstTime`: none of its tasks has started yet. */
export interface SetUpParts {
  readonly context: NodeContext;
  readonly allocation: AssignedAllocation;
  readonly home: AllocationHome;
  readonly services: AllocationServices;
  readonly isFirstTime: boolean;
  readonly signal: AbortSignal;
}

/**
 * Makes what an allocation needs before its first task starts, all at the same time: folders, network, the sockets of
 * its proxies, and its entries in the catalog. What is there already stays.
 */
export async function setUp(parts: SetUpParts): Promise<SetUp> {
  // Nothing listens where its services are, and so their checks say.
  const registration = parts.services.beginRegistration(parts.signal);
  const orCancelled = (error: unknown) =>
    registration.cancel().then(() => {
      throw error;
    });
  const { proxies, connected } = await makePlace(parts).catch(orCancelled);
  const joined = Promise.all([connected, registration.done]).then(() => {}, orCancelled);
  // Nobody may wait yet when it fails.
  joined.catch(() => {});
  return { proxies, joined };
}

async function makePlace({
  context,
  allocation,
  home,
  isFirstTime,
}: SetUpParts): Promise<Attachment & Pick<SetUp, "proxies">> {
  const group = groupOf(allocation);
  refuseOtherNetworks(context, group.Networks[0]?.Mode ?? "");
  const proxies = new Map<string, ConnectProxy>();
  const prepareTasks = async () => {
    makeAllocationFolder(home.folder);
    const prepared = await Promise.all(group.Tasks.map((task) => prepare(context, allocation, home, task)));
    for (const [task, proxy] of prepared.flat()) proxies.set(task, proxy);
  };
  if (isFirstTime) refuseTakenPorts(home.bridged?.ports ?? []);
  // What one of them has made is taken away only when none is at work any more.
  const [attached, prepared] = await Promise.allSettled([attach(context, allocation, home), prepareTasks()]);
  if (attached.status === "rejected") throw attached.reason;
  const { connected } = attached.value;
  if (prepared.status === "fulfilled") return { proxies, connected };
  await Promise.allSettled([connected]);
  throw prepared.reason;
}

async function attach(
  context: NodeContext,
  allocation: AssignedAllocation,
  home: AllocationHome,
): Promise<Attachment> {
  const { bridged } = home;
  const { bridge } = context;
  if (bridged === null || bridge === null) return { connected: Promise.resolve() };
  const [holder] = networkHolders(context, allocation);
  const attached = await bridge.attach(
    bridged,
    holder === undefined ? null : await holder.hold(allocation.ID),
  );
  const redirection = groupRedirection(servicePlace(context, allocation, home));
  if (redirection !== null) await redirect(allocation.ID, redirection, bridge.gateway);
  return attached;
}

/** Takes the network of an allocation away. */
export async function detach(
  context: NodeContext,
  allocation: AssignedAllocation,
  { bridged }: AllocationHome,
): Promise<void> {
  if (bridged === null) return;
  await context.bridge?.detach(bridged);
  await Promise.all(networkHolders(context, allocation).map((holder) => holder.release(allocation.ID)));
}

/** Of the drivers that need one. */
function networkHolders({ drivers }: NodeContext, allocation: AssignedAllocation): NetworkHolder[] {
  const names = new Set(groupOf(allocation).Tasks.map(({ Driver }) => Driver));
  return [...names].flatMap((name) => drivers[name]?.networks ?? []);
}

function refuseOtherNetworks({ bridge }: NodeContext, mode: string): void {
  if (mode === "" || mode === "host" || (mode === "bridge" && bridge !== null)) return;
  throw new Error(
    mode === "bridge"
      ? "this node cannot make network namespaces, so groups in bridge mode cannot run on it"
      : `the network mode "${mode}" is not known to this node: write "bridge" or "host"`,
  );
}

/** A process of the host that has the port already would no longer be reached at it. */
function refuseTakenPorts(ports: readonly MappedPort[]): void {
  if (ports.length === 0) return;
  using list = new SocketList(null);
  const sockets = list.waiting();
  const taken = ports.find(({ host }) => sockets.some(({ port }) => port === host));
  if (taken === undefined) return;
  throw new Error(
    `the port ${taken.host} is in use on the node by another program: choose another, or end it`,
  );
}

async function prepare(
  context: NodeContext,
  allocation: AssignedAllocation,
  home: AllocationHome,
  task: Task,
): Promise<[string, ConnectProxy][]> {
  const driver = context.drivers[task.Driver];
  if (driver === undefined) throw new Error(`the driver "${task.Driver}" is not known on this node`);
  const group = groupOf(allocation);
  const account = prepareTask({ task, driver, home });
  const kind = readProxyKind(task.Kind);
  if (kind === null) return [];
  const { instances } = plannedServices(servicePlace(context, allocation, home));
  const instance = instances.find((candidate) => isProxyOf(candidate, kind));
  if (instance === undefined) {
    throw new Error(
      `the task "${task.Name}" is the proxy of "${kind.service}", which is no service of its group`,
    );
  }
  const pages = proxyPages(
    ...([group, task, allocation.AllocatedResources.Shared.Ports, home.network === null] as const),
  );
  return [
    [task.Name, await openProxy({ context, allocation, group, task, account, driver, instance, pages })],
  ];
}

function isProxyOf({ Kind, Service, Proxy: proxy }: ServiceInstance, { role, service }: ProxyKind): boolean {
  if (Kind !== serviceKindOf(role)) return false;
  return service === (role === "proxy" ? proxy?.DestinationServiceName : Service);
}

/** What the allocation's services are made from. */
export function servicePlace(
  { node }: NodeContext,
  allocation: AssignedAllocation,
  home: AllocationHome,
): ServicePlace {
  const group = groupOf(allocation);
  const { network } = home;
  const upstreams = upstreamsOf(allocation);
  const environment = allocationEnvironment({
    ...{ allocation, group, network, upstreams },
    datacenter: node.Datacenter,
  });
  return {
    ...{ allocation, group, node, upstreams },
    address: network?.address ?? null,
    references: { environment, node: nodeReferences(node) },
  };
}
