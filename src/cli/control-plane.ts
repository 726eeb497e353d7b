import { readFile } from "node:fs/promises";
import type { SocketAddress } from "#xds/bootstrap-config.ts";
import type { ControlPlane } from "#xds/bootstrap-options.ts";
import type { ApiClient } from "./api-client.ts";
import { CommandError, type FlagValues } from "./command.ts";

/** Where the proxies of an agent reach their control plane, and what they show it. */
export const controlPlaneFlags = {
  "grpc-addr": {
    kind: "text",
    value: "address",
    environment: "CONSUL_GRPC_ADDR",
    doc: "Where the control plane is: address:port, https://address:port for TLS, or unix:// and a path; by default where the agent says.",
  },
  "grpc-ca-file": {
    kind: "text",
    value: "path",
    environment: "CONSUL_GRPC_CACERT",
    doc: "The roots that sign the control plane's certificate; by default those that the agent tells.",
  },
  token: {
    kind: "text",
    value: "token",
    environment: "CONSUL_HTTP_TOKEN",
    default: "",
    doc: "The proxy's own token, or the operator's, for which the agent gives the proxy's.",
  },
  "token-file": {
    kind: "text",
    value: "path",
    environment: "CONSUL_HTTP_TOKEN_FILE",
    doc: "A file with the token, such as server/operator-token in the agent's data folder.",
  },
} as const;

export async function findControlPlane(
  api: ApiClient,
  flags: FlagValues<typeof controlPlaneFlags>,
  proxyId: string,
  signal: AbortSignal,
): Promise<ControlPlane> {
  const where = flags["grpc-addr"] ?? (await toldAddress(api, signal));
  if (where.startsWith("unix://")) return { kind: "socket", path: where.slice("unix://".length) };
  const place = socketAddress(where.replace(/^https?:\/\//, ""), "grpc-addr");
  if (!where.startsWith("https://")) return { kind: "address", ...place, token: flags.token, tls: null };
  const file = flags["grpc-ca-file"];
  const { Token, Roots, ServerName, ServerURI } = await credentials(api, proxyId, flags, signal);
  const roots = file === undefined ? Roots : await contentOf(file, "grpc-ca-file");
  return { kind: "address", ...place, token: Token, tls: { roots, serverName: ServerName, uri: ServerURI } };
}

interface Self {
  readonly xDS: { readonly Ports: { readonly Plaintext: number; readonly TLS: number } };
}

async function toldAddress(api: ApiClient, signal: AbortSignal): Promise<string> {
  const { Plaintext, TLS } = (await api.get<Self>("/v1/agent/self", { signal })).xDS.Ports;
  if (TLS > 0) return `https://${api.address.hostname}:${TLS}`;
  if (Plaintext > 0) return `127.0.0.1:${Plaintext}`;
  throw new CommandError(
    "the agent serves no proxies by address: start it with -grpc-port (in dev mode) or -grpc-tls-port",
  );
}

/** What a proxy shows its control plane, and what it knows it by. */
interface Credentials {
  readonly Token: string;
  /** PEM. */
  readonly Roots: string;
  readonly ServerName: string;
  readonly ServerURI: string;
}

async function credentials(
  api: ApiClient,
  proxyId: string,
  flags: FlagValues<typeof controlPlaneFlags>,
  signal: AbortSignal,
): Promise<Credentials> {
  const file = flags["token-file"];
  const shown = file === undefined ? flags.token : (await contentOf(file, "token-file")).trim();
  const path = `/v1/mesh/proxy/${encodeURIComponent(proxyId)}/credentials`;
  return api.get<Credentials>(path, { signal, headers: { "x-consul-token": shown } });
}

async function contentOf(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CommandError(`-${flag}: ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** `localhost` stands for its IPv4 address: Envoy binds to addresses, not names. */
export function socketAddress(text: string, flag: string): SocketAddress {
  const [, host = "", port = ""] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  if (host === "" || Number(port) > 65535)
    throw new CommandError(`-${flag}: expected address:port, not "${text}"`);
  return {
    address: host === "localhost" ? "127.0.0.1" : host.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port),
  };
}
