import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import {
  type handleBidiStreamingCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import {
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "#envoy/service/discovery/v3/discovery_pb.js";
import { leafSecret } from "../../../src/xds/resources/secrets.ts";
import type { Place } from "./client.ts";

/** PEM. */
export interface HandedOut {
  readonly certificate: string;
  readonly privateKey: string;
}

const definition = {
  StreamSecrets: {
    path: "/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets",
    ...{ requestStream: true, responseStream: true },
    requestSerialize: (message: DiscoveryRequest) => Buffer.from(toBinary(DiscoveryRequestSchema, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(DiscoveryRequestSchema, bytes),
    responseSerialize: (message: DiscoveryResponse) =>
      Buffer.from(toBinary(DiscoveryResponseSchema, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(DiscoveryResponseSchema, bytes),
  },
} satisfies ServiceDefinition;

/** Somebody else's server of certificates, in Envoy's protocol; it hands out by name. */
export class SdsServer implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(address: string, certificates: ReadonlyMap<string, HandedOut>): Promise<SdsServer> {
    const server = new Server();
    const handOut: handleBidiStreamingCall<DiscoveryRequest, DiscoveryResponse> = (call) => {
      call.on("data", ({ versionInfo, resourceNames, typeUrl }: DiscoveryRequest) => {
        if (versionInfo !== "") return;
        const resources = resourceNames.flatMap((name) => {
          const found = certificates.get(name);
          return found === undefined ? [] : [leafSecret(found, name)];
        });
        call.write(
          create(DiscoveryResponseSchema, {
            ...{ versionInfo: "1", nonce: "1", typeUrl },
            resources: resources.map(({ any }) => fromBinary(AnySchema, any)),
          }),
        );
      });
      call.on("end", () => call.end());
    };
    server.addService(definition, { StreamSecrets: handOut });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`${address}:0`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return new SdsServer(server, port);
  }

  /** As a proxy's first configuration names it. */
  cluster(name: string, { address }: Pick<Place, "address">): string {
    const socket_address = { address, port_value: this.port };
    return JSON.stringify({
      ...{ name, connect_timeout: "5s", http2_protocol_options: {} },
      load_assignment: {
        cluster_name: name,
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address } } }] }],
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }
}
