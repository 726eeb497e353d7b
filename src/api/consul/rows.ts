import { resolved } from "#mesh/health.ts";
import { catalogNodes, checks, services } from "#mesh/tables.ts";
import type { CatalogNode, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { Node } from "#model/node.ts";
import { nodes } from "#server/tables.ts";
import { keyOf, type Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";

/** The shapes in which Consul's API shows nodes, services and checks. */

export function nodeRow(context: ApiContext, name: string) {
  const { state } = context.server;
  const [node] = state.find(nodes, "name", name);
  const registered = node === undefined ? state.get(catalogNodes, keyOf(name)) : undefined;
  return registered === undefined ? nodeOf(context, name, node) : registeredNode(context, registered);
}

/** The names of all nodes: those of agents, and those that a registration named. */
export function nodeNames({ server: { state } }: ApiContext): string[] {
  const names = [
    ...state.all(nodes).map(({ Name }) => Name),
    ...state.all(catalogNodes).map((row) => row.Node),
  ];
  return [...new Set(names)].sort();
}

function registeredNode({ agent }: ApiContext, node: Row<CatalogNode>) {
  const { ID, Node: name, Address, Meta, CreateIndex, ModifyIndex } = node;
  const TaggedAddresses = { lan: Address, wan: Address, ...node.TaggedAddresses };
  return {
    ...{ ID, Node: name, Address },
    Datacenter: agent.datacenter,
    TaggedAddresses,
    Meta,
    CreateIndex,
    ModifyIndex,
  };
}

function nodeOf({ agent }: ApiContext, name: string, node: Row<Node> | undefined) {
  const address = node?.Address ?? "";
  return {
    ID: node?.ID ?? "",
    Node: name,
    Address: address,
    Datacenter: node?.Datacenter ?? agent.datacenter,
    TaggedAddresses: { lan: address, wan: address },
    Meta: node?.Meta ?? {},
    CreateIndex: node?.CreateIndex ?? 0,
    ModifyIndex: node?.ModifyIndex ?? 0,
  };
}

export function serviceRow(instance: Row<ServiceInstance>) {
  const { ID, Service, Kind, Tags, Meta, Address, Port, Weights, EnableTagOverride, Proxy: proxy } = instance;
  return {
    ID,
    Service,
    ...(Kind === "" ? {} : { Kind }),
    Tags,
    Meta,
    Address,
    Port,
    TaggedAddresses: instance.TaggedAddresses ?? {},
    Weights,
    EnableTagOverride,
    Proxy: proxy ?? {},
    Connect: instance.ConnectNative ? { Native: true } : {},
    CreateIndex: instance.CreateIndex,
    ModifyIndex: instance.ModifyIndex,
  };
}

export function checkRow(context: ApiContext, stored: Row<HealthCheck>) {
  const { state } = context.server;
  const check = resolved((node, id) => state.find(checks, "instance", keyOf(node, id)), stored);
  const { Definition: _, ...shown } = check;
  const instance = state.get(services, keyOf(check.Node, check.ServiceID));
  return { ...shown, ServiceTags: instance?.Tags ?? [] };
}

/** The catalog's flat form: a node and a service in one object. */
export function catalogRow(context: ApiContext, instance: Row<ServiceInstance>) {
  const node = nodeRow(context, instance.Node);
  return {
    ID: node.ID,
    Node: node.Node,
    Address: node.Address,
    Datacenter: node.Datacenter,
    TaggedAddresses: node.TaggedAddresses,
    NodeMeta: node.Meta,
    ServiceKind: instance.Kind,
    ServiceID: instance.ID,
    ServiceName: instance.Service,
    ServiceTags: instance.Tags,
    ServiceAddress: instance.Address,
    ServiceMeta: instance.Meta,
    ServiceTaggedAddresses: instance.TaggedAddresses ?? {},
    ServicePort: instance.Port,
    ServiceWeights: instance.Weights,
    ServiceEnableTagOverride: instance.EnableTagOverride,
    ServiceProxy: instance.Proxy ?? {},
    ServiceConnect: instance.ConnectNative ? { Native: true } : {},
    CreateIndex: instance.CreateIndex,
    ModifyIndex: instance.ModifyIndex,
  };
}
