import { effect } from "@preact/signals-core";
import type { Leaf } from "../../../src/mesh/ca/leaf.ts";
import { importedKey, importedServices, peerMeshes } from "../../../src/mesh/peering/tables.ts";
import type { Server } from "../../../src/server/server.ts";
import { until } from "../../support/wait.ts";

/** Writes what one mesh tells another straight into the other's tables, and keeps it so. */
export function tell(from: Server, to: Server, names: { readonly here: string; readonly there: string }) {
  let last: Promise<unknown> = Promise.resolve();
  const stop = effect(() => {
    const { mesh } = from;
    const services = mesh.exports.to(names.there).map((name) => mesh.exports.told(name, names.there));
    const bundle = {
      ...{ peer: names.here, trustDomain: mesh.trustDomain(), datacenter: mesh.datacenter },
      ...{ roots: [mesh.certificates.trustBundle()], gateways: mesh.exports.gateways() },
    };
    last = last.then(() =>
      to.state.transact((tx) => {
        tx.put(peerMeshes, names.here, bundle);
        for (const { peer, name } of to.state.find(importedServices, "peer", names.here))
          tx.delete(importedServices, importedKey({ peer, name }));
        for (const service of services) {
          const told = { ...service, peer: names.here };
          tx.put(importedServices, importedKey(told), told);
        }
      }),
    );
  });
  return { stop };
}

/** The certificate of a service's first instance, for a client that asks a gateway itself. */
export async function leafOf({ mesh }: Server, service: string): Promise<Leaf> {
  let made: Leaf | null = null;
  const stop = effect(() => {
    made = mesh.certificates.leaf(`${service}-1-sidecar-proxy`, service);
  });
  const leaf = await until(`${service} has a certificate`, () => made);
  stop();
  return leaf;
}
