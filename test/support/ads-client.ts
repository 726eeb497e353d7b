import { once } from "node:events";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { DeltaDiscoveryRequestSchema } from "#envoy/service/discovery/v3/discovery_pb.js";
import { TYPE_URL } from "../../src/xds/resource.ts";

const PATH = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

interface Options {
  readonly token?: string;
  readonly channel?: ChannelCredentials;
  /** The name that TLS asks for. */
  readonly serverName?: string;
}

/** A stream of the discovery service, as a proxy opens it that calls itself `id`. */
export class AdsClient implements Disposable {
  readonly #client: Client;
  readonly #stream: ClientDuplexStream<Buffer, Buffer>;

  constructor(
    address: string,
    id: string,
    { token, channel = credentials.createInsecure(), serverName = "" }: Options = {},
  ) {
    this.#client = new Client(
      address,
      channel,
      serverName === "" ? {} : { "grpc.ssl_target_name_override": serverName },
    );
    const metadata = new Metadata();
    if (token !== undefined) metadata.set("x-consul-token", token);
    const bytes = (buffer: Buffer) => buffer;
    this.#stream = this.#client.makeBidiStreamRequest(PATH, bytes, bytes, metadata);
    this.#stream.on("error", () => {});
    this.#send({ typeUrl: TYPE_URL.cluster, node: { id } });
  }

  /** Waits for the first response, and acknowledges it. */
  async acknowledge(): Promise<void> {
    await once(this.#stream, "data");
    this.#send({ typeUrl: TYPE_URL.cluster, responseNonce: "1" });
  }

  /** How the control plane ended the stream; "" for a stream that serves. */
  refusal(): Promise<{ readonly code: number; readonly details: string } | null> {
    return new Promise((resolve) => {
      this.#stream.once("error", (error) => resolve(error as ServiceError));
      this.#stream.once("data", () => resolve(null));
    });
  }

  [Symbol.dispose](): void {
    this.#stream.cancel();
    this.#client.close();
  }

  #send(message: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void {
    const request = create(DeltaDiscoveryRequestSchema, message);
    this.#stream.write(Buffer.from(toBinary(DeltaDiscoveryRequestSchema, request)));
  }
}
