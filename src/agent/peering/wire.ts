import type { ClientDuplexStream, MethodDefinition, ServerDuplexStream } from "@grpc/grpc-js";

/** What meshes ask each other over gRPC, as JSON. */

const FAMILY = "/yurt.peering.v1.Peering";

const bytes = (value: Buffer) => value;

function method(name: string, streams: boolean): MethodDefinition<Buffer, Buffer> {
  return {
    ...{ path: `${FAMILY}/${name}`, requestStream: streams, responseStream: streams },
    ...{ requestSerialize: bytes, requestDeserialize: bytes },
    ...{ responseSerialize: bytes, responseDeserialize: bytes },
  };
}

export const peeringMethods = { UseToken: method("UseToken", false), Tell: method("Tell", true) };

/** The id of the peering, and the secret, of who opens a stream. */
export const PEERING = "x-yurt-peering";
export const SECRET = "x-yurt-peering-secret";

/** Both ends of a stream, as they are used. */
export type PeerWire = ClientDuplexStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

export function encoded(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
