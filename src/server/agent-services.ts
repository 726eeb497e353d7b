import { catalogNodes, checkKey, checks, serviceKey, services } from "#mesh/tables.ts";
import type { CatalogNode, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { CheckRegistration } from "#model/registration/check.ts";
import type { ServiceRegistration } from "#model/registration/service.ts";
import type { State, Transaction } from "#state/state.ts";
import { keyOf } from "#state/table.ts";
import { checkRow, expand, keysOf, type RegistrationNode, sidecarIdOf } from "./registration.ts";
import { sidecarPorts } from "./tables.ts";

/** Services and checks that clients register and take away by hand, and never those of a job. */

/** What was asked cannot be done with what is there. The message is for people. */
export class RegistrationError extends Error {
  override readonly name = "RegistrationError";
  readonly isUnknown: boolean;

  constructor(message: string, { isUnknown = false } = {}) {
    super(message);
    this.isUnknown = isUnknown;
  }
}

/** The ports of sidecars that name none, as Consul gives them. */
const SIDECAR_PORTS = { first: 21000, last: 21255 };

export interface RegisterOptions {
  /** Takes away the checks of the service that the registration does not name. */
  readonly replaceChecks: boolean;
}

export async function registerService(
  state: State,
  node: RegistrationNode,
  registration: ServiceRegistration,
  { replaceChecks }: RegisterOptions,
): Promise<void> {
  await state.transact((tx) => {
    const id = registration.ID || registration.Name;
    const expansion = expand(node, registration, () => sidecarPort(state, tx, node.name, id));
    for (const instance of expansion.instances) {
      assertByHand(tx.get(services, serviceKey(instance)));
      tx.put(services, serviceKey(instance), instance);
    }
    const sidecar = tx.get(services, keyOf(node.name, sidecarIdOf(id)));
    if (expansion.instances.length === 1 && sidecar?.Proxy?.DestinationServiceID === id)
      remove(state, tx, sidecar);
    for (const check of expansion.checks) putCheck(tx, check);
    if (replaceChecks) removeOtherChecks(state, tx, expansion);
  });
}

/** Takes a service away with its checks, and the sidecar that was registered with it. */
export async function deregisterService(state: State, node: string, id: string): Promise<void> {
  await state.transact((tx) => {
    const instance = tx.get(services, keyOf(node, id));
    if (instance === undefined) throw unknownService(id);
    assertByHand(instance);
    remove(state, tx, instance);
    const sidecar = tx.get(services, keyOf(node, sidecarIdOf(id)));
    if (sidecar?.Proxy?.DestinationServiceID === id && sidecar.AllocID === "") remove(state, tx, sidecar);
  });
}

/** In maintenance nobody is sent to the service. `reason`: null ends it. */
export async function setMaintenance(
  state: State,
  node: string,
  id: string,
  reason: string | null,
): Promise<void> {
  await state.transact((tx) => {
    const instance = tx.get(services, keyOf(node, id));
    if (instance === undefined) throw unknownService(id);
    const CheckID = `_service_maintenance:${id}`;
    if (reason === null) {
      if (tx.get(checks, keyOf(node, CheckID))) tx.delete(checks, keyOf(node, CheckID));
      return;
    }
    tx.put(checks, keyOf(node, CheckID), {
      ...{ Node: node, CheckID, Name: "Service Maintenance Mode", Status: "critical", Output: "" },
      Notes: reason || "Maintenance mode is enabled for this service, but no reason was provided.",
      ...{ ServiceID: id, ServiceName: instance.Service, Type: "maintenance" },
    });
  });
}

export async function registerCheck(state: State, node: string, check: CheckRegistration): Promise<void> {
  await state.transact((tx) => {
    const service = check.ServiceID === "" ? null : tx.get(services, keyOf(node, check.ServiceID));
    if (service === undefined) throw unknownService(check.ServiceID);
    putCheck(tx, checkRow(node, check, service));
  });
}

export async function deregisterCheck(state: State, node: string, id: string): Promise<void> {
  await state.transact((tx) => {
    const check = tx.get(checks, keyOf(node, id));
    if (check === undefined) throw unknownCheck(id);
    const service = tx.get(services, keyOf(node, check.ServiceID));
    assertByHand(service);
    tx.delete(checks, keyOf(node, id));
  });
}

/** What `PUT /v1/catalog/register` carries, read. */
export interface CatalogRegistration {
  readonly node: CatalogNode;
  readonly service: ServiceRegistration | null;
  readonly checks: readonly HealthCheck[];
  readonly skipNodeUpdate: boolean;
}

export async function registerInCatalog(
  state: State,
  { node, service, checks: rows, skipNodeUpdate }: CatalogRegistration,
): Promise<void> {
  await state.transact((tx) => {
    if (!skipNodeUpdate) tx.put(catalogNodes, keyOf(node.Node), node);
    if (service !== null) {
      const place = { name: node.Node, address: node.Address };
      for (const instance of expand(place, service, () => 0).instances) {
        assertByHand(tx.get(services, serviceKey(instance)));
        tx.put(services, serviceKey(instance), instance);
      }
    }
    for (const row of rows) tx.put(checks, checkKey(row), row);
  });
}

/** What to take away: one check, one service, or the node with all that is on it. */
export async function deregisterFromCatalog(
  state: State,
  { node, serviceId, checkId }: { node: string; serviceId: string; checkId: string },
): Promise<void> {
  await state.transact((tx) => {
    if (checkId !== "") return tx.delete(checks, keyOf(node, checkId));
    if (serviceId !== "") {
      const instance = tx.get(services, keyOf(node, serviceId));
      assertByHand(instance);
      return instance && remove(state, tx, instance);
    }
    for (const instance of state.find(services, "node", node)) {
      if (instance.AllocID === "") remove(state, tx, instance);
    }
    for (const check of state.find(checks, "node", node)) {
      if (check.ServiceID === "") tx.delete(checks, checkKey(check));
    }
    tx.delete(catalogNodes, keyOf(node));
  });
}

export const unknownCheck = (id: string) =>
  new RegistrationError(`Unknown check ID "${id}". Ensure that the check ID is passed, not the check name.`, {
    isUnknown: true,
  });

const unknownService = (id: string) =>
  new RegistrationError(
    `Unknown service ID "${id}". Ensure that the service ID is passed, not the service name.`,
    {
      isUnknown: true,
    },
  );

/** Its job would only write it again. */
function assertByHand(instance: ServiceInstance | undefined): void {
  if (instance === undefined || instance.AllocID === "") return;
  throw new RegistrationError(
    `the service ${instance.ID} is that of allocation ${instance.AllocID} of job ${instance.JobID}: change or stop the job`,
  );
}

/** A check that is known keeps what was found of it, for as long as it is of the same kind. */
function putCheck(tx: Transaction, check: HealthCheck): void {
  const known = tx.get(checks, checkKey(check));
  const isSame = known !== undefined && known.Type === check.Type && known.ServiceID === check.ServiceID;
  tx.put(checks, checkKey(check), isSame ? { ...check, Status: known.Status, Output: known.Output } : check);
}

function remove(state: State, tx: Transaction, instance: ServiceInstance): void {
  tx.delete(services, serviceKey(instance));
  for (const check of state.find(checks, "instance", serviceKey(instance)))
    tx.delete(checks, checkKey(check));
}

function removeOtherChecks(state: State, tx: Transaction, expansion: ReturnType<typeof expand>): void {
  const kept = keysOf(expansion);
  for (const instance of kept.instances) {
    for (const check of state.find(checks, "instance", instance)) {
      if (!kept.checks.has(checkKey(check))) tx.delete(checks, checkKey(check));
    }
  }
}

/** The one that the sidecar has, or the first that no service of the node has. */
function sidecarPort(state: State, tx: Transaction, node: string, id: string): number {
  const before = tx.get(services, keyOf(node, sidecarIdOf(id)));
  const { first, last } = SIDECAR_PORTS;
  if (before !== undefined && before.Port >= first && before.Port <= last) return before.Port;
  const taken = new Set(state.find(services, "node", node).map(({ Port }) => Port));
  tx.get(sidecarPorts, keyOf(node));
  for (let port = first; port <= last; port++) {
    if (taken.has(port)) continue;
    tx.put(sidecarPorts, keyOf(node), { Port: port });
    return port;
  }
  throw new RegistrationError(
    `every port from ${first} to ${last} is taken by a service of this node: give the sidecar_service a port`,
  );
}
