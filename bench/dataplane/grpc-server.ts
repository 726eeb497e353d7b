/** Answers every unary call with what it was sent, on port 9003 for the mesh and on 9103 for everybody. */
import { Server, ServerCredentials } from "@grpc/grpc-js";

const pass = (bytes: Buffer) => bytes;
const server = new Server();
server.addService(
  {
    Unary: {
      path: "/bench.Echo/Unary",
      requestStream: false,
      responseStream: false,
      requestSerialize: pass,
      requestDeserialize: pass,
      responseSerialize: pass,
      responseDeserialize: pass,
    },
  },
  {
    Unary: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) =>
      answer(null, call.request),
  },
);
for (const address of ["127.0.0.1:9003", "0.0.0.0:9103"]) {
  server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
  });
}
