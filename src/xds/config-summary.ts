import { X509Certificate } from "node:crypto";

/** What a running Envoy holds, in rows for people: every value is text, and no key is in it. */
export interface ConfigSummary {
  readonly listeners: readonly Row<"name" | "address" | "direction" | "filters" | "to">[];
  readonly routes: readonly Row<"name" | "domains" | "match" | "to" | "timeout">[];
  readonly clusters: readonly Row<"name" | "type" | "balancing" | "connectTimeout" | "tls">[];
  readonly endpoints: readonly Row<"cluster" | "address" | "health" | "weight">[];
  readonly secrets: readonly Row<"name" | "kind" | "identity" | "validUntil">[];
}

type Row<Column extends string> = Readonly<Record<Column, string>>;

/** JSON whose shape is Envoy's: what is not there is undefined, and nothing is taken for granted. */
type Json = { readonly [key: string]: Json } & readonly Json[];

/** Reads the page `/config_dump?include_eds` of Envoy's admin interface, leniently. */
export function summarize(dump: unknown): ConfigSummary {
  const configs = list((dump as Json)?.["configs"]);
  const section = (name: string) => configs.find((config) => text(config["@type"]).endsWith(`.${name}`));
  const all = (name: string, lists: readonly string[]) => lists.flatMap((key) => list(section(name)?.[key]));
  return {
    listeners: all("ListenersConfigDump", ["static_listeners", "dynamic_listeners"]).map(listenerRow),
    routes: all("RoutesConfigDump", ["static_route_configs", "dynamic_route_configs"]).flatMap(routeRows),
    clusters: all("ClustersConfigDump", ["static_clusters", "dynamic_active_clusters"]).map(clusterRow),
    endpoints: all("EndpointsConfigDump", ["static_endpoint_configs", "dynamic_endpoint_configs"]).flatMap(
      endpointRows,
    ),
    secrets: all("SecretsConfigDump", ["static_secrets", "dynamic_active_secrets"]).map(secretRow),
  };
}

function listenerRow(config: Json): ConfigSummary["listeners"][number] {
  const listener = config["active_state"]?.["listener"] ?? config["listener"];
  const filters = list(listener?.["filter_chains"]).flatMap((chain) => list(chain["filters"]));
  const names = filters.map((filter) => shortName(text(filter["name"])));
  return {
    name: text(listener?.["name"]) || text(config["name"]),
    address: addressText(listener?.["address"]),
    direction: text(listener?.["traffic_direction"]).toLowerCase() || "-",
    filters: unique(names).join(", "),
    to: unique(filters.flatMap(({ typed_config }) => destinationsOf(typed_config))).join(", ") || "-",
  };
}

/** Where a network filter sends: a cluster, or the routes that it asks for. */
function destinationsOf(config: Json | undefined): string[] {
  const weighted = list(config?.["weighted_clusters"]?.["clusters"]).map((one) => text(one["name"]));
  const routes = text(config?.["rds"]?.["route_config_name"]);
  const inline = list(config?.["route_config"]?.["virtual_hosts"])
    .flatMap((host) => list(host["routes"]))
    .map((route) => targetText(route["route"]));
  return [text(config?.["cluster"]), ...weighted, routes === "" ? "" : `routes ${routes}`, ...inline].filter(
    Boolean,
  );
}

function routeRows(config: Json): ConfigSummary["routes"] {
  const routes = config["route_config"];
  return list(routes?.["virtual_hosts"]).flatMap((host) =>
    list(host["routes"]).map((route) => ({
      name: text(routes?.["name"]) || text(host["name"]),
      domains: list(host["domains"]).map(text).join(", "),
      match: matchText(route["match"]),
      to:
        targetText(route["route"]) ||
        (route["direct_response"] ? `status ${text(route["direct_response"]["status"])}` : "-"),
      timeout: text(route["route"]?.["timeout"]) || "-",
    })),
  );
}

function matchText(match: Json | undefined): string {
  const path = ["path", "prefix", "path_separated_prefix"].flatMap((key) =>
    match?.[key] === undefined ? [] : [`${key} ${text(match[key])}`],
  );
  const regex = match?.["safe_regex"]?.["regex"];
  const more = [...list(match?.["headers"]), ...list(match?.["query_parameters"])].map((one) =>
    text(one["name"]),
  );
  return (
    [...path, ...(regex === undefined ? [] : [`regex ${text(regex)}`]), ...more].join(", ") || "everything"
  );
}

function targetText(action: Json | undefined): string {
  const weighted = list(action?.["weighted_clusters"]?.["clusters"]);
  const total = weighted.reduce((sum, { weight }) => sum + Number(weight ?? 0), 0);
  if (weighted.length === 0) return text(action?.["cluster"]);
  return weighted
    .map(({ name, weight }) => `${Number(((Number(weight ?? 0) / total) * 100).toFixed(2))} % ${text(name)}`)
    .join(", ");
}

function clusterRow({ cluster }: Json): ConfigSummary["clusters"][number] {
  const socket = cluster?.["transport_socket"]?.["typed_config"];
  return {
    name: text(cluster?.["name"]),
    type: text(cluster?.["type"]) || shortName(text(cluster?.["cluster_type"]?.["name"])) || "STATIC",
    balancing: text(cluster?.["lb_policy"]) || "ROUND_ROBIN",
    connectTimeout: text(cluster?.["connect_timeout"]) || "-",
    tls: socket === undefined ? "-" : text(socket["sni"]) || "yes",
  };
}

function endpointRows({ endpoint_config }: Json): ConfigSummary["endpoints"] {
  return list(endpoint_config?.["endpoints"])
    .flatMap((locality) => list(locality["lb_endpoints"]))
    .map((host) => ({
      cluster: text(endpoint_config?.["cluster_name"]),
      address: addressText(host["endpoint"]?.["address"]),
      health: (text(host["health_status"]) || "HEALTHY").toLowerCase(),
      weight: text(host["load_balancing_weight"]) || "1",
    }));
}

function secretRow({ name, secret }: Json): ConfigSummary["secrets"][number] {
  const own = secret?.["tls_certificate"]?.["certificate_chain"];
  const trusted = secret?.["validation_context"]?.["trusted_ca"];
  const certificate = certificateOf(own ?? trusted);
  return {
    name: text(name) || text(secret?.["name"]),
    kind: own ? "certificate" : trusted ? "trusted roots" : "other",
    identity: certificate?.subjectAltName?.replace(/^URI:/, "") || certificate?.subject || "-",
    validUntil: certificate === null ? "-" : new Date(certificate.validTo).toISOString(),
  };
}

function certificateOf(source: Json | undefined): X509Certificate | null {
  const pem =
    text(source?.["inline_string"]) || Buffer.from(text(source?.["inline_bytes"]), "base64").toString();
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function addressText(address: Json | undefined): string {
  const socket = address?.["socket_address"];
  if (socket === undefined) return text(address?.["pipe"]?.["path"]) || "-";
  return `${text(socket["address"])}:${text(socket["port_value"])}`;
}

/** `envoy.filters.network.tcp_proxy` → `tcp_proxy` */
const shortName = (name: string) => name.replace(/^envoy\.[\w.]*\./, "");
const unique = (values: readonly string[]) => [...new Set(values)];
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
