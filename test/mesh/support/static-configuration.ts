import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { jsonOfMessage } from "../../../src/xds/envoy-json.ts";
import type { ResourceKind } from "../../../src/xds/resource.ts";
import { byKind, type Snapshot } from "../../../src/xds/snapshot.ts";

/**
 * Everything that a proxy holds as one configuration without a control plane: what is asked for by name stands
 * where it is asked for, so that Envoy checks all of it.
 */
export function staticConfiguration(snapshot: Snapshot): JsonObject {
  const held = byKind(snapshot);
  const all = (kind: ResourceKind) =>
    [...held[kind].values()].map(({ any }) => jsonOfMessage("google.protobuf.Any", any) as JsonObject);
  const found = (kind: ResourceKind, name: unknown): JsonObject => {
    const resource = held[kind].get(String(name));
    if (resource === undefined) throw new Error(`the proxy holds no ${kind} ${String(name)}`);
    return untyped(jsonOfMessage("google.protobuf.Any", resource.any) as JsonObject);
  };
  const inlined = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(inlined);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(inPlace(value, found)).map(([key, inner]) => [key, inlined(inner)]),
    );
  };
  return {
    node: { id: "test", cluster: "test" },
    static_resources: {
      listeners: all("listener").map(untyped).map(inlined),
      clusters: all("cluster").map(untyped).map(inlined),
      secrets: all("secret").map(untyped),
    },
  };
}

/** One object, with what it asks for by name in the place of the name. */
function inPlace(object: JsonObject, found: (kind: ResourceKind, name: unknown) => JsonObject): JsonObject {
  const { eds_cluster_config: eds, rds, config_discovery: discovery, sds_config: sds, ...rest } = object;
  if (eds !== undefined)
    return { ...rest, type: "STATIC", load_assignment: found("endpoints", rest["name"]) };
  if (rds !== undefined)
    return { ...rest, route_config: found("route", (rds as JsonObject)["route_config_name"]) };
  if (discovery !== undefined) return found("extension", rest["name"]);
  if (sds !== undefined) return rest;
  return object;
}

function untyped({ "@type": _, ...message }: JsonObject): JsonObject {
  return message;
}
