import { services } from "#mesh/tables.ts";
import type { HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { Node } from "#model/node.ts";
import { nodes } from "#server/tables.ts";
import { keyOf, type Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";

/** The shapes in which Consul's API shows nodes, services and checks. */

export function nodeRow(context: ApiContext, name: string) {
  const node = context.server.state.find(nodes, "name", name)[0];
  return nodeOf(context, name, node);
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
    Weights,
    EnableTagOverride,
    Proxy: proxy ?? {},
    Connect: instance.ConnectNative ? { Native: true } : {},
    CreateIndex: instance.CreateIndex,
    ModifyIndex: instance.ModifyIndex,
  };
}

export function checkRow(context: ApiContext, check: Row<HealthCheck>) {
  const {
    Node: node,
    CheckID,
    Name,
    Status,
    Notes,
    Output,
    ServiceID,
    ServiceName,
    Type,
    CreateIndex,
    ModifyIndex,
  } = check;
  const instance = context.server.state.get(services, keyOf(node, ServiceID));
  return {
    Node: node,
    CheckID,
    Name,
    Status,
    Notes,
    Output,
    ServiceID,
    ServiceName,
    ServiceTags: instance?.Tags ?? [],
    Type,
    CreateIndex,
    ModifyIndex,
  };
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
    ServicePort: instance.Port,
    ServiceWeights: instance.Weights,
    ServiceEnableTagOverride: instance.EnableTagOverride,
    ServiceProxy: instance.Proxy ?? {},
    ServiceConnect: instance.ConnectNative ? { Native: true } : {},
    CreateIndex: instance.CreateIndex,
    ModifyIndex: instance.ModifyIndex,
  };
}
