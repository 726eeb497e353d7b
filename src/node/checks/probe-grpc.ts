import { type ClientHttp2Session, connect } from "node:http2";
import type { ProbeResult } from "./check-state.ts";

export interface GrpcProbe {
  readonly kind: "grpc";
  /** `host:port`. */
  readonly authority: string;
  /** Empty for the server as a whole. */
  readonly service: string;
  readonly useTls: boolean;
  readonly skipVerify: boolean;
  readonly serverName: string;
}

/** Asks `grpc.health.v1.Health/Check` (grpc/doc/health-checking.md in gRPC's repository). */
export async function probeGrpc(probe: GrpcProbe, timeout: number): Promise<ProbeResult> {
  const to = `gRPC ${probe.authority}${probe.service === "" ? "" : `/${probe.service}`}`;
  const session = open(probe);
  try {
    const answer = await ask(session, probe.service, timeout);
    return { status: answer === "SERVING" ? "passing" : "critical", output: `${to}: ${answer}` };
  } catch (error) {
    return { status: "critical", output: `${to}: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    session.destroy();
  }
}

function open({ authority, useTls, skipVerify, serverName }: GrpcProbe): ClientHttp2Session {
  const tls = { rejectUnauthorized: !skipVerify, ...(serverName !== "" && { servername: serverName }) };
  return connect(`${useTls ? "https" : "http"}://${authority}`, useTls ? tls : {});
}

function ask(session: ClientHttp2Session, service: string, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    session.on("error", fail);
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const chunks: Buffer[] = [];
    let status = "";
    const read = (headers: Readonly<Record<string, unknown>>) => {
      status = String(headers["grpc-status"] ?? status);
    };
    stream.on("response", read);
    stream.on("trailers", read);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", fail);
    stream.on("end", () => {
      clearTimeout(timer);
      resolve(status === "0" ? servingStatus(Buffer.concat(chunks)) : `gRPC status ${status || "unknown"}`);
    });
    stream.end(request(service));
  });
}

/** A length-prefixed message whose field 1 is the service's name. */
function request(service: string): Buffer {
  const name = Buffer.from(service.slice(0, 127));
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/** Field 1 of the answer; a message without it says 0. */
function servingStatus(answer: Buffer): string {
  return STATUSES[answer[5] === 0x08 ? (answer[6] ?? 0) : 0] ?? "UNKNOWN";
}
