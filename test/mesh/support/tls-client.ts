import { once } from "node:events";
import { connect, type SecureVersion } from "node:tls";
import type { Place } from "./client.ts";

export interface TlsOptions {
  readonly serverName: string;
  /** PEM: whom the client trusts. */
  readonly authority: string;
  readonly host?: string;
  /** The one version and the cipher suites (OpenSSL's names) that the client speaks; by default its own. */
  readonly version?: SecureVersion;
  readonly ciphers?: string;
  /** PEM: what a proxy of the mesh shows, which knows others by their SPIFFE ids and not by names of hosts. */
  readonly leaf?: { readonly certificate: string; readonly privateKey: string };
}

/** What a client saw that speaks TLS and sends one HTTP/1.1 request. */
export interface TlsSeen {
  readonly answer: string;
  /** The alternative names of the server's certificate. */
  readonly names: string;
  /** OpenSSL's name; empty where nothing was agreed on. */
  readonly cipher: string;
  readonly error: string;
}

export async function callTls(
  place: Place,
  { serverName, authority, host, leaf, version, ciphers }: TlsOptions,
): Promise<TlsSeen> {
  let error = "";
  let answer = "";
  let names = "";
  let cipher = "";
  const socket = connect({
    ...{ host: place.address, port: place.port, servername: serverName, ca: authority },
    ALPNProtocols: ["http/1.1"],
    ...(version && { minVersion: version, maxVersion: version }),
    ...(ciphers !== undefined && { ciphers }),
    ...(leaf && { cert: leaf.certificate, key: leaf.privateKey, checkServerIdentity: () => undefined }),
  });
  socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in 10 s")));
  socket.on("error", (problem: NodeJS.ErrnoException) => {
    error = problem.code ?? problem.message;
  });
  socket.on("secureConnect", () => {
    names = socket.getPeerCertificate().subjectaltname ?? "";
    cipher = socket.getCipher().name;
    socket.write(`GET / HTTP/1.1\r\nHost: ${host ?? serverName}\r\nConnection: close\r\n\r\n`);
  });
  socket.on("data", (bytes) => {
    answer += bytes;
  });
  await once(socket, "close").catch(() => {});
  return { answer, names, cipher, error };
}
