import { envoyExtension } from "#model/config-entry/proxy-settings.ts";
import { loadBalancer, subset } from "#model/config-entry/service-resolver.ts";
import { serviceRoute } from "#model/config-entry/service-router.ts";
import { serviceSplit } from "#model/config-entry/service-splitter.ts";
import { formatDuration } from "#model/schema/duration.ts";
import type { Json, ObjectSchema, Value } from "#model/schema/schema.ts";
import { written } from "#model/schema/written.ts";
import type { ChainNode, ChainTarget, CompiledChain } from "./compiled-chain.ts";

type JsonObject = { [name: string]: Json };

/** A chain as `/v1/discovery-chain` shows it. */
export function chainJson(chain: CompiledChain): JsonObject {
  const { ServiceMeta, EnvoyExtensions, Nodes, Targets, CustomizationHash, Default, ...rest } = chain;
  return {
    ...rest,
    ...(CustomizationHash !== "" && { CustomizationHash }),
    ...(Default && { Default }),
    ...(Object.keys(ServiceMeta).length > 0 && { ServiceMeta }),
    ...(EnvoyExtensions.length > 0 && {
      EnvoyExtensions: EnvoyExtensions.map((extension) => written(envoyExtension, extension)),
    }),
    Nodes: mapped(Nodes, nodeJson),
    Targets: mapped(Targets, targetJson),
  };
}

function nodeJson(node: ChainNode): JsonObject {
  switch (node.Type) {
    case "router":
      return {
        ...node,
        Routes: node.Routes.map(({ Definition, NextNode }) => ({
          Definition: written(serviceRoute, Definition),
          NextNode,
        })),
      };
    case "splitter":
      return {
        Type: node.Type,
        Name: node.Name,
        Splits: node.Splits.map(({ Definition, Weight, NextNode }) => ({
          Definition: written(serviceSplit, Definition),
          Weight,
          NextNode,
        })),
        ...given("LoadBalancer", loadBalancer, node.LoadBalancer),
      };
    case "resolver": {
      const { Default, ConnectTimeout, RequestTimeout, Target, Failover } = node.Resolver;
      return {
        Type: node.Type,
        Name: node.Name,
        Resolver: {
          ...(Default && { Default }),
          ConnectTimeout: formatDuration(ConnectTimeout),
          ...(RequestTimeout > 0 && { RequestTimeout: formatDuration(RequestTimeout) }),
          Target,
          ...(Failover !== null && { Failover: { Targets: [...Failover.Targets] } }),
        },
        ...given("LoadBalancer", loadBalancer, node.LoadBalancer),
      };
    }
  }
}

function targetJson(target: ChainTarget): JsonObject {
  const { MeshGateway, TransparentProxy, Subset, ConnectTimeout, External, ...names } = target;
  const named = Object.entries(names).filter(([, text]) => text !== "");
  return {
    ...Object.fromEntries(named),
    MeshGateway: MeshGateway.Mode === "" ? {} : { Mode: MeshGateway.Mode },
    TransparentProxy: TransparentProxy.DialedDirectly ? { DialedDirectly: true } : {},
    Subset: written(subset, Subset),
    ConnectTimeout: formatDuration(ConnectTimeout),
    ...(External && { External }),
  };
}

function given<S extends ObjectSchema>(name: string, schema: S, value: Value<S> | null): JsonObject {
  return value === null ? {} : { [name]: written(schema, value) };
}

function mapped<Item>(items: Readonly<Record<string, Item>>, to: (item: Item) => Json): JsonObject {
  return Object.fromEntries(Object.entries(items).map(([key, item]) => [key, to(item)]));
}
