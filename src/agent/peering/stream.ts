import type { Mesh } from "#mesh/mesh.ts";
import { readTold } from "#model/peering/exchange.ts";
import { Import } from "#server/peering/import.ts";
import type { State } from "#state/state.ts";
import { tellAll } from "./outbox.ts";
import { encoded, type PeerWire } from "./wire.ts";

/** Milliseconds between signs of life, and after which silence the other side counts as gone. */
const BEAT = 3000;
export const SILENCE = 5 * BEAT;

/** When something was last heard and said; milliseconds since 1970, 0 for never. */
export interface StreamTimes {
  lastHeartbeat: number;
  lastReceive: number;
  lastSend: number;
}

export interface PeerStream {
  readonly name: string;
  /** Of the peer: it may speak for no other. */
  readonly trustDomain: string;
  readonly wire: PeerWire;
  readonly times: StreamTimes;
  /** Ends the stream from this side. */
  readonly cut: () => void;
  /** The first word of the peer. */
  readonly opened: () => void;
}

/**
 * Two meshes tell each other what they export, until one of them goes: gives whether that was for good. Throws an error
 * where the peer tells what cannot be taken.
 */
export async function runStream(
  state: State,
  mesh: Mesh,
  { name, trustDomain, wire, times, cut, opened }: PeerStream,
): Promise<"gone" | "terminated"> {
  const taking = new Import(state, name);
  const sent = () => {
    times.lastSend = Date.now();
  };
  const stop = tellAll(mesh, name, wire, sent);
  const silence = setTimeout(cut, SILENCE);
  const beat = setInterval(() => {
    wire.write(encoded({ kind: "heartbeat" }));
    sent();
  }, BEAT);
  try {
    let isOpen = false;
    for await (const bytes of wire as AsyncIterable<Buffer>) {
      silence.refresh();
      times.lastReceive = Date.now();
      if (!isOpen) opened();
      isOpen = true;
      const told = readTold(bytes, trustDomain);
      if (told.kind === "heartbeat") times.lastHeartbeat = Date.now();
      if (told.kind === "terminated") return "terminated";
      await taking.take(told);
    }
    return "gone";
  } finally {
    clearTimeout(silence);
    clearInterval(beat);
    stop();
    cut();
  }
}
