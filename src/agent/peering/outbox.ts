import { effect } from "@preact/signals-core";
import type { Mesh } from "#mesh/mesh.ts";
import type { Told } from "#model/peering/exchange.ts";
import { encoded, type PeerWire } from "./wire.ts";

/**
 * Tells a peer all that it should know, and each change at once. A peer that reads slowly gets the newest state, never a
 * queue of old ones. Gives the way to stop.
 */
export function tellAll(mesh: Mesh, peer: string, wire: PeerWire, heard: () => void): () => void {
  const sent = new Map<string, string>();
  let wanted: ReadonlyMap<string, Told> = new Map();
  let isComplete = false;
  let isFull = false;
  const send = (told: Told) => {
    isFull = !wire.write(encoded(told)) || isFull;
    heard();
  };
  const flush = () => {
    for (const [key, told] of wanted) {
      if (isFull) return;
      const text = JSON.stringify(told);
      if (sent.get(key) === text) continue;
      sent.set(key, text);
      send(told);
    }
    for (const key of sent.keys()) {
      if (isFull) return;
      if (wanted.has(key)) continue;
      sent.delete(key);
      send({ kind: "withdrawn", name: key.slice(SERVICE.length) });
    }
    if (isComplete || isFull) return;
    isComplete = true;
    send({ kind: "complete" });
  };
  const drained = () => {
    isFull = false;
    flush();
  };
  wire.on("drain", drained);
  const stop = effect(() => {
    wanted = toldTo(mesh, peer);
    flush();
  });
  return () => {
    stop();
    wire.off("drain", drained);
  };
}

const SERVICE = "service/";

/** The roots first: what follows is checked against them. */
function toldTo(mesh: Mesh, peer: string): ReadonlyMap<string, Told> {
  const { certificates, exports, datacenter } = mesh;
  const trustDomain = mesh.trustDomain();
  const all = new Map<string, Told>([
    ["bundle", { kind: "bundle", trustDomain, datacenter, roots: certificates.roots() }],
    ["gateways", { kind: "gateways", gateways: exports.gateways() }],
  ]);
  for (const name of exports.to(peer))
    all.set(`${SERVICE}${name}`, { kind: "service", service: exports.told(name, peer) });
  return all;
}
