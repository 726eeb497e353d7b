import {
  checkKey,
  checks,
  configEntries,
  configKey,
  serviceKey,
  services,
} from "../../../src/mesh/tables.ts";
import type {
  CheckStatus,
  HealthCheck,
  ProxyRegistration,
  ServiceInstance,
} from "../../../src/model/catalog.ts";
import type { ConfigEntry } from "../../../src/model/config-entry/config-entry.ts";
import type { State } from "../../../src/state/state.ts";
import type { Row, Table } from "../../../src/state/table.ts";
import { entryOf, type WrittenEntry } from "./entry.ts";
import { gatewayOf, instanceOf, proxyOf, type Registration } from "./registration.ts";

/** What holds during one case, in whole: nothing of an earlier case is left. */
export interface Scene {
  readonly entries?: readonly WrittenEntry[];
  /** What the proxy of an instance (`web-1`) is registered with beside its upstreams. */
  readonly proxies?: Readonly<Record<string, Partial<ProxyRegistration>>>;
  /** Settings of an upstream, by `web-1` and the upstream's name. */
  readonly upstreams?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  /** Statuses of instances' checks; passing by default. */
  readonly health?: Readonly<Record<string, CheckStatus>>;
  /** Weights of instances; 1 by default. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Addresses at which instances are registered, in place of their own. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** Ports at which their proxies are registered, in place of 21000. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Sockets at which proxies listen for upstreams, in place of ports; by instance and upstream. */
  readonly sockets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Their permissions, in octal. */
  readonly socketMode?: string;
  /** Of instances that shall not be registered. */
  readonly without?: readonly string[];
}

/** Makes the tables hold exactly what a scene says of these instances. */
export async function writeScene(state: State, all: readonly Registration[], scene: Scene): Promise<void> {
  const present = all.filter(({ id }) => !scene.without?.includes(id));
  const instances = present.flatMap((registration) => {
    const { id, gateway, outside } = registration;
    if (gateway !== null) return [gatewayOf(registration, scene.proxies?.[id] ?? {})];
    if (outside) return [outsideOf(registration, scene)];
    const proxy = proxyOf(registration, scene.proxies?.[id] ?? {}, scene.upstreams?.[id] ?? {});
    const weight = scene.weights?.[id] ?? 1;
    const Address = scene.addresses?.[id] ?? proxy.Address;
    const Port = scene.ports?.[id] ?? proxy.Port;
    const Weights = { Passing: weight, Warning: weight };
    const bound = proxy.Proxy && atSockets(proxy.Proxy, scene.sockets?.[id] ?? {}, scene.socketMode);
    return [instanceOf(registration), { ...proxy, Address, Port, Weights, Proxy: bound }];
  });
  const statuses = present.map(({ id, service }) => checkOf(id, service, scene.health?.[id] ?? "passing"));
  await replaceAll(state, (scene.entries ?? []).map(entryOf), instances, statuses);
}

function outsideOf(registration: Registration, { addresses, ports }: Scene): ServiceInstance {
  const instance = instanceOf(registration);
  const { id } = registration;
  return {
    ...instance,
    Address: addresses?.[id] ?? instance.Address,
    Port: ports?.[id] ?? instance.Port,
  };
}

function atSockets(
  proxy: ProxyRegistration,
  sockets: Readonly<Record<string, string>>,
  LocalBindSocketMode: string = "",
): ProxyRegistration {
  const Upstreams = proxy.Upstreams.map((upstream) => {
    const path = sockets[upstream.DestinationName];
    return path === undefined
      ? upstream
      : { ...upstream, LocalBindPort: 0, LocalBindSocketPath: path, LocalBindSocketMode };
  });
  return { ...proxy, Upstreams };
}

async function replaceAll(
  state: State,
  entries: readonly ConfigEntry[],
  instances: readonly ServiceInstance[],
  statuses: readonly HealthCheck[],
): Promise<void> {
  await state.transact((tx) => {
    const put = <Value extends object>(
      table: Table<Value>,
      keyOf: (value: Value) => string,
      values: readonly Value[],
    ) => {
      const keys = new Set(values.map(keyOf));
      for (const row of state.all(table)) if (!keys.has(keyOf(row))) tx.delete(table, keyOf(row));
      for (const value of values) {
        const known = state.get(table, keyOf(value));
        if (known === undefined || !isSame(known, value)) tx.put(table, keyOf(value), value);
      }
    };
    put(configEntries, configKey, entries);
    put(services, serviceKey, instances);
    put(checks, checkKey, statuses);
  });
}

function isSame<Value extends object>(
  { CreateIndex: _, ModifyIndex: __, ...known }: Row<Value>,
  value: Value,
): boolean {
  return JSON.stringify(known) === JSON.stringify(value);
}

function checkOf(id: string, service: string, Status: CheckStatus): HealthCheck {
  return {
    ...{ Node: "node", CheckID: `check-${id}`, Name: "test", Status, Notes: "", Output: "", Type: "ttl" },
    ...{ ServiceID: id, ServiceName: service },
  };
}
