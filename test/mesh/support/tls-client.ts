import { once } from "node:events";
import { connect } from "node:tls";
import type { Place } from "./client.ts";

export interface TlsOptions {
  readonly serverName: string;
  /** PEM: whom the client trusts. */
  readonly authority: string;
  readonly host?: string;
  /** PEM: what a proxy of the mesh shows, which knows others by their SPIFFE ids and not by names of hosts. */
  readonly leaf?: { readonly certificate: string; readonly privateKey: string };
}

/** What a client saw that speaks TLS and sends one HTTP/1.1 request. */
export interface TlsSeen {
  readonly answer: string;
  /** The alternative names of the server's certificate. */
  readonly names: string;
  readonly error: string;
}

export async function callTls(
  place: Place,
  { serverName, authority, host, leaf }: TlsOptions,
): Promise<TlsSeen> {
  let error = "";
  let answer = "";
  let names = "";
  const socket = connect({
    ...{ host: place.address, port: place.port, servername: serverName, ca: authority },
    ALPNProtocols: ["http/1.1"],
    ...(leaf && { cert: leaf.certificate, key: leaf.privateKey, checkServerIdentity: () => undefined }),
  });
  socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in 10 s")));
  socket.on("error", (problem: NodeJS.ErrnoException) => {
    error = problem.code ?? problem.message;
  });
  socket.on("secureConnect", () => {
    names = socket.getPeerCertificate().subjectaltname ?? "";
    socket.write(`GET / HTTP/1.1\r\nHost: ${host ?? serverName}\r\nConnection: close\r\n\r\n`);
  });
  socket.on("data", (bytes) => {
    answer += bytes;
  });
  await once(socket, "close").catch(() => {});
  return { answer, names, error };
}
