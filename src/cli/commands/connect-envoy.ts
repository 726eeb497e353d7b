import { proxyConfigOf } from "#model/config-entry/proxy-config.ts";
import { bootstrap } from "#xds/bootstrap.ts";
import type { SocketAddress } from "#xds/bootstrap-config.ts";
import type { ApiClient } from "../api-client.ts";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { controlPlaneFlags, findControlPlane, socketAddress } from "../control-plane.ts";
import { execEnvoy } from "../exec-envoy.ts";
import { gatewayKind, registerGateway } from "../gateway-registration.ts";

export default command({
  usage: "[-- <arguments of envoy> ...]",
  help: "Runs an Envoy for a registered service, or with -bootstrap prints the configuration that it would start with.",
  flags: {
    ...consulFlags,
    "proxy-id": {
      kind: "text",
      value: "id",
      environment: "CONNECT_PROXY_ID",
      doc: "The id of the proxy's own service.",
    },
    "sidecar-for": {
      kind: "text",
      value: "id",
      environment: "CONNECT_SIDECAR_FOR",
      doc: "The id of the service whose only sidecar is meant.",
    },
    gateway: {
      kind: "text",
      value: "kind",
      default: "",
      doc: "Run a gateway: ingress, terminating, mesh or api.",
    },
    service: {
      kind: "text",
      value: "name",
      default: "",
      doc: "The gateway's service; by default <kind>-gateway.",
    },
    register: { kind: "boolean", doc: "Register the gateway with the agent first." },
    address: {
      kind: "text",
      value: "address:port",
      default: "127.0.0.1:8443",
      doc: "Where others reach the gateway that is registered.",
    },
    "wan-address": {
      kind: "text",
      value: "address:port",
      default: "",
      doc: "Where other meshes and datacenters reach it; of a mesh gateway. By default as -address.",
    },
    "bind-address": {
      kind: "texts",
      value: "name=address:port",
      doc: "Where it listens instead; may be repeated.",
    },
    bootstrap: { kind: "boolean", doc: "Print the configuration as JSON, and run nothing." },
    "admin-bind": {
      kind: "text",
      value: "address:port",
      default: "127.0.0.1:19000",
      doc: "Where Envoy's admin interface listens.",
    },
    ...controlPlaneFlags,
    "envoy-binary": {
      kind: "text",
      value: "path",
      doc: "The Envoy to run; by default the one on PATH, else the one that set-up brought.",
    },
    "envoy-ready-bind-address": {
      kind: "text",
      value: "address",
      doc: "Where a listener tells whether Envoy is ready; needs the port too.",
    },
    "envoy-ready-bind-port": { kind: "integer", value: "port", doc: "The port of that listener." },
    "prometheus-bind-address": {
      kind: "text",
      value: "address",
      doc: "Where a listener gives the statistics to Prometheus; needs the port too.",
    },
    "prometheus-bind-port": { kind: "integer", value: "port", doc: "The port of that listener." },
    "prometheus-scrape-path": {
      kind: "text",
      value: "path",
      default: "/metrics",
      doc: "The path of that page.",
    },
  },
  arity: [0, Number.POSITIVE_INFINITY],
  async run({ flags, arguments: envoyArguments, terminal, signal }) {
    const api = consulApi(flags);
    const proxy =
      flags.gateway === ""
        ? await findProxy(api, flags["proxy-id"], flags["sidecar-for"], signal)
        : await findGateway(api, flags, signal);
    const { TrustDomain } = await api.get<{ TrustDomain: string }>("/v1/connect/ca/roots", { signal });
    const controlPlane = await findControlPlane(api, flags, proxy.ID, signal);
    const ready = listener(
      flags["envoy-ready-bind-address"],
      flags["envoy-ready-bind-port"],
      "envoy-ready-bind",
    );
    const prometheus = listener(
      flags["prometheus-bind-address"],
      flags["prometheus-bind-port"],
      "prometheus-bind",
    );
    const config = bootstrap({
      proxyId: proxy.ID,
      service: flags.gateway === "" ? proxy.Proxy.DestinationServiceName : proxy.Service,
      datacenter: proxy.Datacenter,
      trustDomain: TrustDomain,
      controlPlane,
      admin: socketAddress(flags["admin-bind"], "admin-bind"),
      ...(ready ? { ready } : {}),
      ...(prometheus ? { prometheus: { ...prometheus, path: flags["prometheus-scrape-path"] } } : {}),
      statsTags: [],
      config: proxyConfigOf(await defaultsOfAll(api, signal), proxy.Proxy.Config),
    });
    const text = JSON.stringify(config, null, 2);
    if (!flags.bootstrap) return execEnvoy(flags["envoy-binary"], text, envoyArguments);
    terminal.print(text);
    return 0;
  },
});

interface ProxyView {
  readonly ID: string;
  readonly Kind?: string;
  readonly Service: string;
  readonly Datacenter: string;
  readonly Proxy: {
    readonly DestinationServiceName: string;
    readonly DestinationServiceID: string;
    readonly Config: Record<string, unknown>;
  };
}

async function findProxy(
  api: ApiClient,
  proxyId: string | undefined,
  sidecarFor: string | undefined,
  signal: AbortSignal,
): Promise<ProxyView> {
  if (proxyId) {
    const proxy = await api.get<ProxyView>(`/v1/agent/service/${encodeURIComponent(proxyId)}`, { signal });
    if (proxy.Kind === "connect-proxy") return proxy;
    throw new CommandError(
      `the service ${proxyId} is no proxy. To run the sidecar of it: -sidecar-for ${proxyId}`,
    );
  }
  if (!sidecarFor)
    throw new CommandError("No proxy ID specified. One of -proxy-id, -sidecar-for, or -gateway is required");
  const services = await api.get<Record<string, ProxyView>>("/v1/agent/services", { signal });
  const sidecars = Object.values(services).filter(
    ({ Kind, Proxy: proxy }) => Kind === "connect-proxy" && proxy.DestinationServiceID === sidecarFor,
  );
  const [only, ...others] = sidecars;
  if (only !== undefined && others.length === 0) return only;
  throw new CommandError(
    only === undefined
      ? `No sidecar proxy registered for ${sidecarFor}`
      : `${sidecars.length} sidecars are registered for ${sidecarFor}; name one with -proxy-id: ${sidecars.map(({ ID }) => ID).join(", ")}`,
  );
}

interface FindGateway {
  readonly gateway: string;
  readonly service: string;
  readonly register: boolean;
  readonly address: string;
  readonly "wan-address": string;
  readonly "bind-address": readonly string[];
  readonly "proxy-id": string | undefined;
}

async function findGateway(api: ApiClient, flags: FindGateway, signal: AbortSignal): Promise<ProxyView> {
  const kind = gatewayKind(flags.gateway);
  const { gateway: role, service, address, "wan-address": wanAddress, "bind-address": bindAddresses } = flags;
  const id = flags.register
    ? await registerGateway(api, { role, service, address, wanAddress, bindAddresses }, signal)
    : flags["proxy-id"];
  const services = await api.get<Record<string, ProxyView>>("/v1/agent/services", { signal });
  const found = Object.values(services).filter(
    ({ ID, Kind, Service }) => Kind === kind && (id ? ID === id : service === "" || Service === service),
  );
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  throw new CommandError(
    only === undefined
      ? `no ${kind}${service ? ` "${service}"` : ""} is registered at this agent: register it with "services register", or with -register here`
      : `${found.length} instances of ${kind} are registered; name one with -proxy-id: ${found.map(({ ID }) => ID).join(", ")}`,
  );
}

function listener(host: string | undefined, port: number | undefined, flag: string): SocketAddress | null {
  if (host === undefined && port === undefined) return null;
  if (host === undefined || port === undefined)
    throw new CommandError(`-${flag}-address and -${flag}-port go together`);
  return socketAddress(`${host}:${port}`, `${flag}-address`);
}

/** The `Config` of proxy-defaults; none where there is no such entry. */
async function defaultsOfAll(api: ApiClient, signal: AbortSignal): Promise<Record<string, unknown>> {
  const entries = await api.get<{ Config: Record<string, unknown> }[]>("/v1/config/proxy-defaults", {
    signal,
  });
  return entries[0]?.Config ?? {};
}
