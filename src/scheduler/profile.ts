import type { Node } from "#model/node.ts";

/** What constraints may ask of a node and many nodes share; equal text for nodes that are alike in it. */
export function profileOf(node: Node): string {
  return JSON.stringify([
    node.Datacenter,
    node.NodePool,
    node.NodeClass,
    Object.entries(node.Drivers).map(([name, { Healthy, HealthDescription }]) => [
      name,
      Healthy || HealthDescription,
    ]),
    Object.keys(node.HostNetworks),
    node.HostVolumes,
    shared(node.Attributes),
    shared(node.Meta),
  ]);
}

function shared(facts: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(facts)
    .filter(([name]) => !isUnique(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** By convention, what is named so differs from node to node. */
export function isUnique(name: string): boolean {
  return name.startsWith("unique.");
}
