import { hash } from "node:crypto";
import type { ExposedPath, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { CheckRegistration } from "#model/registration/check.ts";
import { keyOf, type Row, type Table } from "#state/table.ts";
import { checkKey, checks, configEntries, services } from "./tables.ts";

/** The tables, or the cells made of them. */
export interface ReadTables {
  get<Value extends object>(table: Table<Value>, key: string): Row<Value> | undefined;
  find<Value extends object, Lookup extends string>(
    table: Table<Value, Lookup>,
    lookup: Lookup,
    term: string,
  ): readonly Row<Value>[];
}

/** The ports of a node at which its proxies show checks to the agent; Consul's. */
const PORTS = { first: 21500, count: 256 };

const GRPC_HEALTH = "/grpc.health.v1.Health/Check";

/** A check that reaches its service through the proxy, so that the service itself need listen on loopback alone. */
export interface ExposedCheck {
  readonly proxyId: string;
  readonly path: ExposedPath;
  /** The check as the agent carries it out. */
  readonly check: HealthCheck;
}

/**
 * The checks of a node's services that are carried out through proxies, by their keys: of those registered by hand
 * whose registration or config entries say `Expose.Checks`. Each has a port that follows from its name, or the next
 * that is free; beyond as many as there are ports, checks stay as they are.
 */
export function exposedChecks(node: string, tables: ReadTables): ReadonlyMap<string, ExposedCheck> {
  const wanted = tables
    .find(services, "node", node)
    .filter((proxy) => isExposing(proxy, tables))
    .flatMap((proxy) => {
      const instance = keyOf(node, proxy.Proxy?.DestinationServiceID ?? "");
      return tables.find(checks, "instance", instance).map((check) => ({ proxy, check }));
    })
    .sort((a, b) => (checkKey(a.check) < checkKey(b.check) ? -1 : 1));
  const taken = new Set<number>();
  const exposed = wanted.flatMap(({ proxy, check }): [string, ExposedCheck][] => {
    const target = targetOf(check.Definition);
    const port = target && freePort(checkKey(check), taken);
    return port ? [[checkKey(check), through(proxy, check, target, port)]] : [];
  });
  return new Map(exposed);
}

function isExposing({ Kind, AllocID, Proxy: proxy }: ServiceInstance, tables: ReadTables): boolean {
  if (Kind !== "connect-proxy" || AllocID !== "" || proxy === null) return false;
  if (proxy.Expose.Checks) return true;
  const keys = [keyOf("service-defaults", proxy.DestinationServiceName), keyOf("proxy-defaults", "global")];
  return keys.some((key) => {
    const entry = tables.get(configEntries, key);
    return entry !== undefined && "Expose" in entry && (entry.Expose?.Checks ?? false);
  });
}

interface CheckTarget {
  readonly protocol: "http" | "http2";
  readonly port: number;
  readonly path: string;
  /** The definition with another place to ask at. */
  readonly at: (place: string) => Partial<CheckRegistration>;
}

/** What a check asks for; null where no proxy can ask in its place. */
function targetOf(definition: CheckRegistration | undefined): CheckTarget | null {
  const { HTTP = "", GRPC = "", GRPCUseTLS = false } = definition ?? {};
  const url = HTTP.startsWith("http://") ? URL.parse(HTTP) : null;
  if (url !== null) {
    const { pathname: path, search } = url;
    const at = (place: string) => ({ HTTP: `http://${place}${path}${search}` });
    return { protocol: "http", port: Number(url.port || 80), path, at };
  }
  const [, port = "", service = ""] = /^[^/]*:(\d+)(\/.*)?$/.exec(GRPC) ?? [];
  if (port === "" || GRPCUseTLS) return null;
  const at = (place: string) => ({ GRPC: `${place}${service}` });
  return { protocol: "http2", port: Number(port), path: GRPC_HEALTH, at };
}

function freePort(name: string, taken: Set<number>): number | null {
  const start = Number.parseInt(hash("sha256", name).slice(0, 8), 16) % PORTS.count;
  for (let step = 0; step < PORTS.count; step++) {
    const port = PORTS.first + ((start + step) % PORTS.count);
    if (taken.has(port)) continue;
    taken.add(port);
    return port;
  }
  return null;
}

function through(
  proxy: ServiceInstance,
  check: HealthCheck,
  { protocol, port, path, at }: CheckTarget,
  listener: number,
): ExposedCheck {
  const place = proxy.Address.includes(":") ? `[${proxy.Address}]` : proxy.Address;
  const Definition = check.Definition && { ...check.Definition, ...at(`${place}:${listener}`) };
  return {
    proxyId: proxy.ID,
    path: { Path: path, Protocol: protocol, LocalPathPort: port, ListenerPort: listener },
    check: Definition === undefined ? check : { ...check, Definition },
  };
}
