import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { list, object, opaque, optional, string } from "#model/schema/builders.ts";
import type { Json, Value } from "#model/schema/schema.ts";
import { jsonOfMessage, resourceFromJson } from "../envoy-json.ts";
import type { Resource, ResourceKind } from "../resource.ts";
import { argumentsOf } from "./arguments.ts";
import type { Extension, ExtensionContext } from "./extension.ts";
import { belongsTo, directionOf } from "./resource-direction.ts";

const kinds = {
  cluster: "cluster",
  listener: "listener",
  route: "route",
  "cluster-load-assignment": "endpoints",
} as const satisfies Record<string, ResourceKind>;

const resourceFilter = object("ResourceFilter", "Which of the proxy's resources.", {
  ResourceType: string("", { oneOf: ["", "cluster", "listener", "route", "cluster-load-assignment"] }),
  TrafficDirection: string("", { oneOf: ["", "inbound", "outbound"] }),
  Services: list(object("Services", "An upstream.", { Name: string("") }), "Those of these upstreams alone."),
});

const patch = object("Patch", "One change.", {
  ResourceFilter: resourceFilter,
  Op: string("", { oneOf: ["", "add", "remove"] }),
  Path: string("Where, such as `/outlier_detection/max_ejection_percent`."),
  Value: optional(opaque("What stands there then.")),
});

const schema = object("builtin/property-override", "Changes to what Envoy is told, field by field.", {
  ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy", "api-gateway"] }),
  Debug: string(""),
  Patches: list(patch, "In order."),
});

type Patch = Value<typeof patch>;

export const propertyOverride: Extension = (resources, args, context) => {
  const { Patches } = argumentsOf(schema, args);
  if (Patches.length === 0) throw new Error("Patches: at least one is needed");
  return resources.map((one) => {
    const wanted = Patches.filter((change) => concerns(change, one, context));
    return wanted.length === 0 ? one : patched(one, wanted);
  });
};

function concerns(
  { ResourceFilter: filter, Op }: Patch,
  one: Resource,
  { sidecar }: ExtensionContext,
): boolean {
  if (filter.ResourceType === "" || Op === "")
    throw new Error("ResourceFilter.ResourceType and Op are needed");
  if (kinds[filter.ResourceType] !== one.kind) return false;
  if (filter.TrafficDirection !== "" && directionOf(one, sidecar) !== filter.TrafficDirection) return false;
  return filter.Services.length === 0 || filter.Services.some(({ Name }) => belongsTo(one, Name, sidecar));
}

function patched(one: Resource, changes: readonly Patch[]): Resource {
  const { typeUrl, value } = fromBinary(AnySchema, one.any);
  const typeName = typeUrl.slice(typeUrl.indexOf("/") + 1);
  const json = jsonOfMessage(typeName, value) as { [key: string]: Json };
  for (const change of changes) apply(json, change);
  try {
    return resourceFromJson(one.kind, one.name, typeName, json);
  } catch (error) {
    throw new Error(`${one.kind} ${one.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function apply(json: { [key: string]: Json }, { Path, Op, Value }: Patch): void {
  const keys = Path.split("/").slice(1);
  const last = keys.pop();
  if (!Path.startsWith("/") || last === undefined || last === "") {
    throw new Error(`Path: expected the names of fields, each after a slash, but found "${Path}"`);
  }
  let place: { [key: string]: Json } = json;
  for (const key of keys) {
    const next = place[key] ?? {};
    if (typeof next !== "object" || Array.isArray(next)) {
      throw new Error(`Path: "${Path}" leads through "${key}", which is no message`);
    }
    place[key] = next;
    place = next;
  }
  if (Op === "remove") delete place[last];
  else place[last] = Value ?? null;
}
