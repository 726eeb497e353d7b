import {
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import type { Mesh } from "#mesh/mesh.ts";
import { peerings, peerMeshes } from "#mesh/peering/tables.ts";
import type { Log } from "#model/log.ts";
import { ToldError } from "#model/peering/exchange.ts";
import { dials, type Peering } from "#model/peering/peering.ts";
import { pause } from "#model/pulse.ts";
import { Waits } from "#model/retry.ts";
import type { Peerings, TokenUse } from "#server/peering/peerings.ts";
import { RefusedError } from "#server/refused-error.ts";
import type { State } from "#state/state.ts";
import { openStream, useToken } from "./client.ts";
import { type PeerStream, runStream, SILENCE, type StreamTimes } from "./stream.ts";
import { encoded, PEERING, type PeerWire, SECRET } from "./wire.ts";

/** Milliseconds before another attempt. */
const FIRST_WAIT = 500;
const LAST_WAIT = 15_000;
/** So long a peer may take to hear that a peering is no more. */
const FAREWELL = 2000;

/** Of a stranger, who may send anything. */
function useOf(request: Buffer): Partial<TokenUse> {
  try {
    return (JSON.parse(request.toString()) ?? {}) as Partial<TokenUse>;
  } catch {
    return {};
  }
}

interface Parts {
  readonly state: State;
  readonly mesh: Mesh;
  readonly peerings: Peerings;
}

interface OpenStream {
  readonly wire: PeerWire;
  readonly cut: () => void;
  readonly ended: Promise<unknown>;
}

/** The streams between this mesh and its peers: the side that was given a token dials, again and again. */
export class PeeringLinks {
  readonly #parts: Parts;
  readonly #log: Log;
  readonly #times = new Map<string, StreamTimes>();
  readonly #open = new Map<string, OpenStream>();
  readonly #dialling = new Map<string, AbortController>();
  readonly #awaited: NodeJS.Timeout;
  readonly #stop: () => void;

  constructor(parts: Parts, log: Log) {
    this.#parts = parts;
    this.#log = log;
    this.#stop = parts.state.observe(({ changes }) => {
      if (changes.has(peerings.name)) this.#dialAll();
    });
    this.#dialAll();
    this.#awaited = setTimeout(() => this.#missUnheard(), SILENCE).unref();
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#awaited);
    for (const dialling of this.#dialling.values()) dialling.abort();
    for (const { cut } of this.#open.values()) cut();
  }

  async establish(name: string, token: string, meta: Readonly<Record<string, string>>): Promise<void> {
    await this.#parts.peerings.establish(name, token, meta, useToken);
    // Of a token that was used before: the next stream is by the new one.
    this.#open.get(name)?.cut();
  }

  times(name: string): StreamTimes | null {
    return this.#times.get(name) ?? null;
  }

  /** The peer is told, where it can be reached. Gives false where nothing is known under that name. */
  async delete(name: string): Promise<boolean> {
    if (!(await this.#parts.peerings.markDeleting(name))) return false;
    void this.#sayFarewell(name);
    return true;
  }

  async #sayFarewell(name: string): Promise<void> {
    const stream = this.#open.get(name);
    if (stream !== undefined) {
      stream.wire.write(encoded({ kind: "terminated" }));
      await Promise.race([stream.ended, pause(FAREWELL)]);
      stream.cut();
    }
    await this.#parts.peerings.remove(name);
    this.#times.delete(name);
  }

  /** The methods of peers' control planes, at our door. */
  readonly methods = {
    UseToken: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
      this.#tokenUsed(call.request).then(
        (used) => answer(null, used),
        (error: unknown) => {
          const isRefused = error instanceof RefusedError;
          if (!isRefused) this.#log.error("a token could not be used", { error });
          answer({
            code: isRefused ? status.FAILED_PRECONDITION : status.INTERNAL,
            details: isRefused ? error.message : "something went wrong over there: see its log",
          });
        },
      );
    },
    Tell: (wire: ServerDuplexStream<Buffer, Buffer>): void => {
      wire.on("error", () => {});
      const [id, secret] = [PEERING, SECRET].map((key) => String(wire.metadata.get(key)[0] ?? ""));
      const peering = this.#parts.peerings.dialled(id ?? "", secret ?? "");
      const isOver = peering === null || peering.State === "DELETING" || peering.State === "TERMINATED";
      if (isOver || peering.Remote === null) {
        const isKnown = this.#parts.state.find(peerings, "id", id ?? "").length > 0 && peering === null;
        wire.emit("error", {
          code: isKnown ? status.UNAUTHENTICATED : status.NOT_FOUND,
          details: isKnown ? "another token has been used since" : "there is no such peering",
        });
        return;
      }
      const cut = () =>
        void wire.emit("error", { code: status.UNAVAILABLE, details: "the stream was ended" });
      this.#open.get(peering.Name)?.cut();
      void this.#run({ name: peering.Name, trustDomain: peering.Remote.TrustDomain, wire, cut });
    },
  };

  async #tokenUsed(request: Buffer): Promise<Buffer> {
    const { peering, secret, facts } = useOf(request);
    const { TrustDomain, Datacenter } = facts ?? {};
    const texts = [peering, secret, TrustDomain, Datacenter];
    if (!texts.every((text) => typeof text === "string" && text !== "" && text.length < 512))
      throw new RefusedError("what came with it cannot be read");
    const [id = "", shown = "", domain = "", datacenter = ""] = texts;
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(domain))
      throw new RefusedError("the mesh that uses it has no trust domain");
    const use = { peering: id, secret: shown, facts: { TrustDomain: domain, Datacenter: datacenter } };
    return encoded(await this.#parts.peerings.tokenUsed(use));
  }

  #dialAll(): void {
    const wanted = new Set<string>();
    for (const peering of this.#parts.state.all(peerings)) {
      if (!dials(peering) || peering.State === "TERMINATED") continue;
      wanted.add(peering.ID);
      // One that is being deleted says its farewell.
      if (peering.State === "DELETING" || this.#dialling.has(peering.ID)) continue;
      const dialling = new AbortController();
      this.#dialling.set(peering.ID, dialling);
      void this.#dial(peering.Name, dialling.signal).finally(() => this.#dialling.delete(peering.ID));
    }
    for (const [id, dialling] of this.#dialling) if (!wanted.has(id)) dialling.abort();
  }

  async #dial(name: string, signal: AbortSignal): Promise<void> {
    const waits = new Waits(FIRST_WAIT, LAST_WAIT);
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const peering = this.#parts.state.get(peerings, name);
      if (peering === undefined || peering.Remote === null || peering.State === "DELETING") return;
      const wasHeard = await this.#dialOnce(peering, attempt, signal);
      if (wasHeard) waits.startOver();
      await waits.wait(signal);
    }
  }

  async #dialOnce(peering: Peering, attempt: number, signal: AbortSignal): Promise<boolean> {
    const { state, peerings: all } = this.#parts;
    const { ID, Name, PeerID, PeerServerAddresses: addresses, Remote } = peering;
    const told = state.get(peerMeshes, Name)?.roots ?? [];
    const { wire, close } = openStream(
      {
        address: addresses[attempt % addresses.length] ?? "",
        serverName: peering.PeerServerName,
        authority: [...peering.PeerCAPems, ...told].join("\n"),
      },
      PeerID,
      all.streamSecret(ID),
    );
    wire.on("error", () => {});
    signal.addEventListener("abort", close, { once: true });
    try {
      return await this.#run({ name: Name, trustDomain: Remote?.TrustDomain ?? "", wire, cut: close });
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  /** Gives whether the peer was heard. */
  async #run({
    name,
    ...stream
  }: Pick<PeerStream, "name" | "trustDomain" | "wire" | "cut">): Promise<boolean> {
    const { state, mesh, peerings: all } = this.#parts;
    const times = this.#times.get(name) ?? { lastHeartbeat: 0, lastReceive: 0, lastSend: 0 };
    this.#times.set(name, times);
    let wasHeard = false;
    const opened = () => {
      wasHeard = true;
      this.#log.info("a peer is reached", { peer: name });
      void all.setState(name, "ACTIVE");
    };
    const running = runStream(state, mesh, { name, ...stream, times, opened });
    const ended = running.catch(() => {});
    const open = { wire: stream.wire, cut: stream.cut, ended };
    this.#open.set(name, open);
    try {
      const end = await running;
      if (end === "terminated") await all.terminated(name);
    } catch (error) {
      await this.#failed(name, error);
    } finally {
      if (this.#open.get(name) === open) {
        this.#open.delete(name);
        await all.setState(name, "FAILING").catch(() => {});
      }
    }
    return wasHeard;
  }

  async #failed(name: string, error: unknown): Promise<void> {
    if ((error as ServiceError).code === status.NOT_FOUND) {
      this.#log.warn("the peering was taken away over there", { peer: name });
      await this.#parts.peerings.terminated(name);
    } else if (error instanceof ToldError) {
      this.#log.error("a peer told what cannot be taken; its stream is closed", { peer: name, error });
    } else {
      this.#log.debug("a peer cannot be reached", { peer: name, error });
    }
  }

  /** Peers that should have dialled by now. */
  #missUnheard(): void {
    for (const { Name, State } of this.#parts.state.all(peerings))
      if (State === "ACTIVE" && !this.#open.has(Name)) void this.#parts.peerings.setState(Name, "FAILING");
  }
}
