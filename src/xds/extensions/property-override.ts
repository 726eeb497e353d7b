import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { list, object, opaque, optional, string } from "#model/schema/builders.ts";
import { type Finding, rule } from "#model/schema/check.ts";
import type { Json, Value } from "#model/schema/schema.ts";
import { anyFromJson, jsonOfMessage, resourceFromJson } from "../envoy-json.ts";
import type { Resource, ResourceKind } from "../resource.ts";
import { type ExtensionContext, extension } from "./extension.ts";
import { directionOf, leadsTo } from "./resource-direction.ts";

const kinds = {
  cluster: "cluster",
  listener: "listener",
  route: "route",
  "cluster-load-assignment": "endpoints",
} as const satisfies Record<string, ResourceKind>;

const messages = {
  cluster: "envoy.config.cluster.v3.Cluster",
  listener: "envoy.config.listener.v3.Listener",
  route: "envoy.config.route.v3.RouteConfiguration",
  "cluster-load-assignment": "envoy.config.endpoint.v3.ClusterLoadAssignment",
} as const satisfies Record<keyof typeof kinds, string>;

const resourceFilter = object("ResourceFilter", "Which of the proxy's resources.", {
  ResourceType: string("", { oneOf: ["cluster", "listener", "route", "cluster-load-assignment"] }),
  TrafficDirection: string("", { oneOf: ["", "inbound", "outbound"] }),
  Services: list(object("Services", "An upstream.", { Name: string("") }), "Those of these upstreams alone."),
});

const patch = object("Patch", "One change.", {
  ResourceFilter: resourceFilter,
  Op: string("", { oneOf: ["add", "remove"] }),
  Path: string("Where, such as `/outlier_detection/max_ejection_percent`."),
  Value: optional(opaque("What stands there then.")),
});

const schema = object("builtin/property-override", "Changes to what Envoy is told, field by field.", {
  ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy", "api-gateway"] }),
  Debug: string(""),
  Patches: list(patch, "In order."),
});

type Patch = Value<typeof patch>;

const rules = [
  rule(schema, "Patches", ({ Patches }) => Patches.length === 0 && "At least one is needed."),
  rule(patch, null, (one) => patchProblem(one)),
];

/** A patch is tried on a message with nothing else in it. */
function patchProblem(one: Patch): readonly Finding[] {
  const { ResourceType } = one.ResourceFilter;
  if (!(ResourceType in messages)) return [];
  const json = {};
  try {
    apply(json, one);
    anyFromJson(messages[ResourceType], json);
    return [];
  } catch (error) {
    return [{ at: ["Path"], detail: error instanceof Error ? error.message : String(error) }];
  }
}

export const propertyOverride = extension({
  schema,
  rules,
  apply: (resources, { Patches }, context) =>
    resources.map((one) => {
      const wanted = Patches.filter((change) => concerns(change, one, context));
      return wanted.length === 0 ? one : patched(one, wanted);
    }),
});

function concerns({ ResourceFilter: filter }: Patch, one: Resource, { proxy }: ExtensionContext): boolean {
  if (kinds[filter.ResourceType] !== one.kind) return false;
  if (filter.TrafficDirection !== "" && directionOf(one, proxy) !== filter.TrafficDirection) return false;
  const named = proxy.reached.filter(({ service }) => filter.Services.some(({ Name }) => Name === service));
  return filter.Services.length === 0 || named.some((reached) => leadsTo(one, reached));
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
