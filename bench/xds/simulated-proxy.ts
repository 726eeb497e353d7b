import { type ClientHttp2Stream, connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { DeltaDiscoveryRequestSchema } from "#envoy/service/discovery/v3/discovery_pb.js";
import { type ResourceKind, TYPE_URL } from "#xds/resource.ts";

/** What stands in a delta response, as far as a proxy must know it to go on. */
interface Response {
  readonly kind: ResourceKind;
  readonly nonce: string;
  readonly names: readonly string[];
}

export interface ProxyPlan {
  readonly id: string;
  readonly service: string;
  readonly upstreams: readonly string[];
}

export interface ProxyEvents {
  /** A response was read and its acknowledgement is written. */
  acknowledged(kind: ResourceKind, bytes: number): void;
  synced(): void;
  /** The stream ended; the proxy connects again. */
  ended(reason: string): void;
}

/** Milliseconds, at most: an Envoy too waits for a random time before it connects again. */
const BACKOFF = 500;

const PATH = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
const KINDS = new Map(Object.entries(TYPE_URL).map(([kind, url]) => [url as string, kind as ResourceKind]));

/**
 * Speaks the delta protocol as an Envoy does, on a connection of its own, and holds nothing: over node:http2 by hand,
 * so that the measuring takes as little of the machine as it can.
 */
export class SimulatedProxy {
  readonly #plan: ProxyPlan;
  readonly #events: ProxyEvents;
  readonly #address: string;
  readonly #missing: Set<string>;
  #stream: ClientHttp2Stream | null = null;
  #buffered: Buffer = Buffer.alloc(0);

  constructor(address: string, plan: ProxyPlan, events: ProxyEvents) {
    this.#address = address;
    this.#plan = plan;
    this.#events = events;
    this.#missing = new Set(needs(plan));
    this.#connect();
  }

  #connect(): void {
    const session = connect(`http://${this.#address}`, { settings: { initialWindowSize: 1 << 24 } });
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const ended = (reason: string) => {
      if (this.#stream !== stream) return;
      this.#stream = null;
      this.#events.ended(reason);
      setTimeout(() => this.#connect(), Math.random() * BACKOFF);
    };
    session.on("error", (error) => ended(error.message));
    stream.on("trailers", (trailers) => ended(String(trailers["grpc-message"])));
    stream.on("error", (error) => ended(error.message));
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#stream = stream;
    this.#buffered = Buffer.alloc(0);
    this.#subscribe("cluster", []);
    this.#subscribe("listener", []);
  }

  #read(chunk: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    while (this.#buffered.length >= 5) {
      const end = 5 + this.#buffered.readUInt32BE(1);
      if (this.#buffered.length < end) return;
      const message = this.#buffered.subarray(5, end);
      this.#buffered = this.#buffered.subarray(end);
      this.#take(readResponse(message), end);
    }
  }

  #take({ kind, nonce, names }: Response, bytes: number): void {
    this.#write(acknowledgement(kind, nonce));
    this.#events.acknowledged(kind, bytes);
    if (this.#missing.size === 0) return;
    for (const name of names) this.#missing.delete(`${kind} ${name}`);
    // As Envoy: endpoints of new clusters, and what listeners name.
    if (kind === "cluster")
      this.#subscribe(
        "endpoints",
        names.filter((name) => name !== "local_app"),
      );
    if (kind === "listener") {
      this.#subscribe("secret", ["callers", "leaf", "roots"]);
      this.#subscribe("extension", [`intentions/http/${this.#plan.service}`]);
      this.#subscribe("route", this.#plan.upstreams);
    }
    if (this.#missing.size === 0) this.#events.synced();
  }

  #subscribe(kind: ResourceKind, names: readonly string[]): void {
    const message = create(DeltaDiscoveryRequestSchema, {
      node: { id: this.#plan.id, cluster: this.#plan.service },
      typeUrl: TYPE_URL[kind],
      resourceNamesSubscribe: [...names],
    });
    this.#write(toBinary(DeltaDiscoveryRequestSchema, message));
  }

  #write(message: Uint8Array): void {
    const frame = Buffer.alloc(5 + message.length);
    frame.writeUInt32BE(message.length, 1);
    frame.set(message, 5);
    this.#stream?.write(frame);
  }
}

/** One of each that such a proxy must hold before it could serve. */
function needs({ service, upstreams }: ProxyPlan): string[] {
  return [
    "secret callers",
    "secret leaf",
    "secret roots",
    "cluster local_app",
    `extension intentions/http/${service}`,
    ...upstreams.map((name) => `route ${name}`),
  ];
}

const acknowledgements = new Map(
  Object.entries(TYPE_URL).map(([kind, url]) => [
    kind as ResourceKind,
    new BinaryWriter().tag(2, WireType.LengthDelimited).string(url).finish(),
  ]),
);

/** `DeltaDiscoveryRequest` with a type and a nonce. */
function acknowledgement(kind: ResourceKind, nonce: string): Uint8Array {
  const type = acknowledgements.get(kind) ?? new Uint8Array();
  const rest = new BinaryWriter().tag(6, WireType.LengthDelimited).string(nonce).finish();
  return Buffer.concat([type, rest]);
}

/** Fields of `DeltaDiscoveryResponse`: 2 resources (whose name is field 3), 4 type, 5 nonce. */
function readResponse(bytes: Uint8Array): Response {
  const reader = new BinaryReader(bytes);
  const names: string[] = [];
  let [type, nonce] = ["", ""];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 2) names.push(nameOf(reader.bytes()));
    else if (field === 4) type = reader.string();
    else if (field === 5) nonce = reader.string();
    else reader.skip(wire);
  }
  return { kind: KINDS.get(type) ?? "cluster", nonce, names };
}

function nameOf(resource: Uint8Array): string {
  const reader = new BinaryReader(resource);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 3) return reader.string();
    reader.skip(wire);
  }
  return "";
}
