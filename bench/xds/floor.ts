/** The floor: a bare grpc-js server that sends one prepared message to every stream when it is told, and no more. */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { TYPE_URL } from "#xds/resource.ts";

const server = new Server({ "grpc.enable_channelz": 0 });
const streams = new Set<ServerDuplexStream<Buffer, Buffer>>();
const bytes = (buffer: Buffer) => buffer;
server.addService(
  {
    DeltaAggregatedResources: {
      path: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
      requestStream: true,
      responseStream: true,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  },
  {
    DeltaAggregatedResources: (stream: ServerDuplexStream<Buffer, Buffer>) => {
      streams.add(stream);
      stream.on("data", () => {});
      stream.on("error", () => streams.delete(stream));
      stream.on("end", () => stream.end());
    },
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send?.({ port });
});

process.on("message", ({ size }: { size: number }) => {
  if (size > 0) {
    const message = response(size);
    for (const stream of streams) stream.write(message);
  }
  process.send?.({ streams: streams.size });
});
process.on("disconnect", () => process.exit());

/** A `DeltaDiscoveryResponse` with one resource of endpoints of about that size. */
function response(size: number): Buffer {
  const resource = new BinaryWriter()
    .tag(3, WireType.LengthDelimited)
    .string("endpoints")
    .tag(2, WireType.LengthDelimited)
    .bytes(new Uint8Array(Math.max(0, size - 100)))
    .finish();
  const message = new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .bytes(resource)
    .tag(4, WireType.LengthDelimited)
    .string(TYPE_URL.endpoints)
    .tag(5, WireType.LengthDelimited)
    .string("1")
    .finish();
  return Buffer.from(message);
}
