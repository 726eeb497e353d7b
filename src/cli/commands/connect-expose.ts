import { type ApiClient, ApiError } from "../api-client.ts";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

/** What is needed here of an ingress-gateway entry; the rest is sent back as it came. */
interface Ingress {
  readonly Kind: "ingress-gateway";
  readonly Name: string;
  readonly Listeners?: readonly Listener[];
}

interface Listener {
  readonly Port: number;
  readonly Protocol?: string;
  readonly Services?: readonly { readonly Name: string; readonly Hosts?: readonly string[] }[];
}

export default command({
  usage: "",
  help: "Lets clients outside reach a service: puts it behind a port of an ingress gateway, in the gateway's config entry, and allows the gateway to reach it. The gateway itself is run by a job with a gateway block, or by connect envoy -gateway ingress.",
  flags: {
    ...consulFlags,
    "ingress-gateway": { kind: "text", value: "service", default: "", doc: "The gateway's service." },
    service: { kind: "text", value: "name", default: "", doc: "The service to be reached." },
    port: { kind: "text", value: "number", default: "", doc: "The gateway's port." },
    protocol: { kind: "text", value: "name", default: "tcp", doc: "tcp, http, http2 or grpc." },
    host: { kind: "texts", value: "name", doc: "A host that leads to it, not for tcp; may be repeated." },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const { "ingress-gateway": gateway, service, protocol, host: hosts } = flags;
    if (gateway === "") throw new CommandError("-ingress-gateway is missing: the gateway's service");
    if (service === "") throw new CommandError("-service is missing: the service to be reached");
    const port = Number(flags.port);
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new CommandError(`-port is a number from 1 to 65535, not "${flags.port}"`);
    const api = consulApi(flags);
    const before = await entryOf(api, gateway, signal);
    const entry = exposed(before, { port, protocol, service, hosts });
    await api.query("/v1/config", { method: "PUT", body: entry, signal });
    terminal.print(`Successfully updated config entry for ingress service "${gateway}"`);
    await allow(api, gateway, service, signal);
    terminal.print(`Allowed: ${gateway} => ${service}`);
    return 0;
  },
});

async function entryOf(api: ApiClient, Name: string, signal: AbortSignal): Promise<Ingress> {
  const path = `/v1/config/ingress-gateway/${encodeURIComponent(Name)}`;
  try {
    return await api.get<Ingress>(path, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { Kind: "ingress-gateway", Name };
    throw error;
  }
}

interface Exposure {
  readonly port: number;
  readonly protocol: string;
  readonly service: string;
  readonly hosts: readonly string[];
}

/** The service joins a listener that is there, or gets one of its own. */
function exposed(entry: Ingress, { port, protocol, service, hosts }: Exposure): Ingress {
  const Service = { Name: service, ...(hosts.length > 0 && { Hosts: hosts }) };
  const listeners = entry.Listeners ?? [];
  const there = listeners.find(({ Port }) => Port === port);
  if (there === undefined) {
    const fresh = { Port: port, Protocol: protocol, Services: [Service] };
    return { ...entry, Listeners: [...listeners, fresh] };
  }
  const spoken = there.Protocol ?? "tcp";
  if (spoken !== protocol) {
    throw new CommandError(
      `-port ${port}: the gateway speaks ${spoken} there, not ${protocol}. Choose another port, or -protocol ${spoken}`,
    );
  }
  const others = (there.Services ?? []).filter(({ Name }) => Name !== service);
  const Services = [...others, Service];
  return {
    ...entry,
    Listeners: listeners.map((listener) => (listener === there ? { ...listener, Services } : listener)),
  };
}

/** What somebody has said of the two already stands. */
async function allow(
  api: ApiClient,
  source: string,
  destination: string,
  signal: AbortSignal,
): Promise<void> {
  const path = "/v1/connect/intentions/exact";
  const query = { source, destination };
  try {
    await api.get(path, { query, signal });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    await api.query(path, { method: "PUT", query, body: { Action: "allow" }, signal });
  }
}
