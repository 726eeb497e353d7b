import type { Endpoint } from "#mesh/endpoint.ts";
import type { Resource, ResourceKind } from "./resource.ts";
import { byKind, KINDS, type Snapshot } from "./snapshot.ts";

/** What a running Envoy says that it holds, from its admin page `/config_dump?include_eds`. */
export interface Held {
  readonly versions: Readonly<Record<ResourceKind, ReadonlyMap<string, string>>>;
  /** By cluster: `address:port` to `healthy` or `unhealthy`. */
  readonly endpoints: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A resource that a proxy should hold and does not, or the other way round. */
export interface Difference {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly difference: string;
}

/** Where a proxy holds something else than it should. `endpoints`: what each cluster should have. */
export function differences(
  snapshot: Snapshot,
  endpoints: ReadonlyMap<string, readonly Endpoint[]>,
  held: Held,
): Difference[] {
  const wanted = byKind(snapshot);
  const compared = KINDS.filter((kind) => kind !== "endpoints").flatMap((kind) =>
    compareVersions(kind, wanted[kind], held.versions[kind]),
  );
  return [
    ...compared,
    ...[...endpoints].flatMap(([cluster, wanted]) => compareEndpoints(cluster, wanted, held)),
  ];
}

function compareVersions(
  kind: ResourceKind,
  resources: ReadonlyMap<string, Resource>,
  versions: ReadonlyMap<string, string>,
): Difference[] {
  const names = new Set([...resources.keys(), ...versions.keys()]);
  return [...names].flatMap((name) => {
    const [wanted, found] = [resources.get(name)?.version, versions.get(name)];
    if (wanted === found) return [];
    if (found === undefined) return [{ kind, name, difference: "the proxy does not hold it" }];
    if (wanted === undefined) return [{ kind, name, difference: "the proxy still holds it" }];
    return [{ kind, name, difference: `the proxy holds version ${found}, not ${wanted}` }];
  });
}

function compareEndpoints(cluster: string, wanted: readonly Endpoint[], held: Held): Difference[] {
  const found = held.endpoints.get(cluster) ?? new Map<string, string>();
  const expected = new Map(
    wanted.map(({ address, port, healthy }) => [`${address}:${port}`, healthy ? "healthy" : "unhealthy"]),
  );
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((address) => {
    const [should, is] = [expected.get(address), found.get(address)];
    if (should === is) return [];
    const difference = `${address} is ${is ?? "not there"}, and should be ${should ?? "gone"}`;
    return [{ kind: "endpoints" as const, name: cluster, difference }];
  });
}

type Json = { readonly [key: string]: Json } & readonly Json[] & string;

/** Reads the dump leniently: what it does not find is not held. */
export function readConfigDump(text: string): Held {
  const configs: readonly Json[] = JSON.parse(text).configs ?? [];
  const section = (name: string): Json | undefined =>
    configs.find((config) => String(config["@type"] ?? "").endsWith(`.${name}`));
  const versioned = (
    config: string,
    list: string,
    nameOf: (item: Json) => unknown,
    versionOf = (item: Json): unknown => item["version_info"],
  ) => {
    const items = (section(config)?.[list] ?? []) as readonly Json[];
    return new Map(items.map((item) => [String(nameOf(item)), String(versionOf(item) ?? "")]));
  };
  return {
    versions: {
      cluster: versioned(
        "ClustersConfigDump",
        "dynamic_active_clusters",
        (item) => item["cluster"]?.["name"],
      ),
      endpoints: new Map(),
      secret: versioned("SecretsConfigDump", "dynamic_active_secrets", (item) => item["name"]),
      extension: versioned("EcdsConfigDump", "ecds_filters", (item) => item["ecds_filter"]?.["name"]),
      route: versioned("RoutesConfigDump", "dynamic_route_configs", (item) => item["route_config"]?.["name"]),
      listener: versioned(
        "ListenersConfigDump",
        "dynamic_listeners",
        (item) => item["name"],
        (item) => item["active_state"]?.["version_info"],
      ),
    },
    endpoints: readEndpoints(
      (section("EndpointsConfigDump")?.["dynamic_endpoint_configs"] ?? []) as readonly Json[],
    ),
  };
}

function readEndpoints(configs: readonly Json[]): Map<string, Map<string, string>> {
  return new Map(
    configs.map(({ endpoint_config }) => {
      const hosts = ((endpoint_config?.["endpoints"] ?? []) as readonly Json[])
        .flatMap((locality) => (locality["lb_endpoints"] ?? []) as readonly Json[])
        .map((host): [string, string] => {
          const address = host["endpoint"]?.["address"]?.["socket_address"];
          const health = String(host["health_status"] ?? "HEALTHY");
          return [
            `${address?.["address"]}:${address?.["port_value"]}`,
            health === "HEALTHY" ? "healthy" : "unhealthy",
          ];
        });
      return [String(endpoint_config?.["cluster_name"]), new Map(hosts)];
    }),
  );
}
