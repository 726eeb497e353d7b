import { statSync } from "node:fs";
import { hostname } from "node:os";
import { Agent, type AgentSummary } from "#agent/agent.ts";
import type { WanOptions } from "#agent/wan/wan.ts";
import { KEYRING_DEFAULTS, type KeyringOptions } from "#model/keyring-options.ts";
import { type LogLevel, newLog } from "#model/log.ts";
import type { HostVolume } from "#model/node.ts";
import { CommandError, command } from "../command.ts";
import { fact } from "../fact.ts";
import { properties } from "../table.ts";
import { packageVersion } from "../version.ts";

/** Milliseconds. */
const LINGER = 200;

export default command({
  usage: "",
  help: "Runs a server and a node in one process until it is interrupted. With -dev all state is temporary and goes with it; with -data-dir it is kept, and a new start takes over what still runs.",
  flags: {
    dev: { kind: "boolean", doc: "State in a temporary folder; what no intention matches is allowed." },
    "data-dir": { kind: "text", value: "path", doc: "Where state is kept." },
    bind: { kind: "text", value: "address", default: "127.0.0.1", doc: "Where the HTTP APIs listen." },
    "http-port": {
      kind: "integer",
      value: "port",
      default: 4646,
      doc: "The port of the API that Nomad's clients know.",
    },
    "consul-http-port": {
      kind: "integer",
      value: "port",
      default: 8500,
      doc: "The port of the API that Consul's clients know.",
    },
    "dns-port": {
      kind: "integer",
      value: "port",
      doc: "Where names such as api.service.consul are answered, over UDP and TCP; -1 for nowhere. 8600 if not given and free.",
    },
    "grpc-port": {
      kind: "integer",
      value: "port",
      default: 8502,
      doc: "With -dev: where the Envoys of services that no job runs reach their control plane, on 127.0.0.1 alone; -1 for nowhere.",
    },
    "grpc-tls-port": {
      kind: "integer",
      value: "port",
      default: 8503,
      doc: "Without -dev: where the same Envoys reach it by TLS, each with the token that was made for it; -1 for nowhere.",
    },
    server: { kind: "boolean", doc: "Only a server: nodes are elsewhere, and join by -rpc-port." },
    client: { kind: "boolean", doc: "Only a node: its servers are elsewhere, and named by -servers." },
    servers: { kind: "text", value: "host:port,…", doc: "With -client: where the servers are." },
    "rpc-port": {
      kind: "integer",
      value: "port",
      doc: "Where nodes reach the server, and servers the node; 4647 with -server or -client, else nowhere.",
    },
    "join-token-file": {
      kind: "text",
      value: "path",
      doc: "The secret by which servers and nodes know each other; a server makes its own in server/join-token of its data folder.",
    },
    dc: { kind: "text", value: "name", default: "dc1", doc: "The datacenter." },
    datacenter: { kind: "text", value: "name", doc: "The same as -dc." },
    "join-wan": {
      kind: "texts",
      value: "host:port",
      doc: "A server of another datacenter of the same mesh. May be given more than once.",
    },
    "primary-datacenter": {
      kind: "text",
      value: "name",
      doc: "The datacenter whose authority and config entries hold in all; by default the own one.",
    },
    "wan-port": {
      kind: "integer",
      value: "port",
      doc: "Where servers of other datacenters reach this one; 8302 with -join-wan, else nowhere.",
    },
    "advertise-wan": {
      kind: "text",
      value: "host",
      doc: "The address by which they reach it; by default that of -bind.",
    },
    "wan-token-file": {
      kind: "text",
      value: "path",
      doc: "The secret by which datacenters know each other; a server makes its own in server/wan-token of its data folder.",
    },
    node: { kind: "text", value: "name", doc: "The node's name; by default the machine's." },
    "node-class": {
      kind: "text",
      value: "name",
      default: "",
      doc: "The node's class, which jobs may ask for.",
    },
    "node-pool": {
      kind: "text",
      value: "name",
      default: "default",
      doc: "The pool that the node belongs to: only jobs of that pool run on it.",
    },
    meta: {
      kind: "texts",
      value: "key=value",
      doc: "A fact about the node, ${meta.key} in jobs; may be given more than once.",
    },
    "default-intention-policy": {
      kind: "text",
      value: "allow|deny",
      doc: "What happens to requests that no intention matches; by default allow with -dev, else deny.",
    },
    "envoy-binary": {
      kind: "text",
      value: "path",
      doc: "The Envoy that sidecars run; by default the one on PATH, else the one that set-up brought.",
    },
    "host-volume": {
      kind: "texts",
      value: "name=path[:ro]",
      doc: "A folder that jobs may mount as a volume of that name; read-only with :ro. May be given more than once.",
    },
    "sidecar-driver": {
      kind: "text",
      value: "driver",
      default: "exec",
      doc: "What runs the Envoys of jobs that do not say it: exec, raw_exec or docker.",
    },
    "sidecar-image": {
      kind: "text",
      value: "image",
      doc: "The image of Envoy that docker sidecars run; a job may name its own.",
    },
    "docker-socket": {
      kind: "text",
      value: "path",
      default: "/var/run/docker.sock",
      environment: "DOCKER_HOST",
      doc: "The socket of the Docker or Podman daemon that runs docker tasks.",
    },
    "docker-allow-privileged": {
      kind: "boolean",
      doc: "Docker tasks may be privileged and ask for every capability.",
    },
    "docker-auth-config": {
      kind: "text",
      value: "path",
      doc: "What registries want to know, as docker login writes it, for docker tasks without an auth block.",
    },
    "docker-auth-helper": {
      kind: "text",
      value: "name",
      doc: "The program docker-credential-<name> on PATH that tells it, where that file does not.",
    },
    "docker-gc-image": {
      kind: "boolean",
      default: true,
      doc: "Remove images that docker tasks have brought to the node once none uses them any more.",
    },
    "docker-gc-image-delay": {
      kind: "duration",
      value: "duration",
      default: 180_000,
      doc: "How long such an image is kept for the next task, by default 3m.",
    },
    "docker-gc-container": {
      kind: "boolean",
      default: true,
      doc: "Remove containers when their tasks have ended.",
    },
    "leaf-cert-ttl": {
      kind: "duration",
      value: "duration",
      doc: "How long a proxy's certificate is valid, 72h at first; it is renewed after half to three quarters of it.",
    },
    "encrypt-key-file": {
      kind: "text",
      value: "path",
      environment: "YURT_ENCRYPT_KEY_FILE",
      doc: "A file with a secret of at least 16 bytes, which encrypts the keys of root certificates and of tasks' identities in the store.",
    },
    "oidc-issuer": {
      kind: "text",
      value: "url",
      doc: "The URL that the identities of tasks name as their issuer, and under which others find /.well-known/openid-configuration of this server. A change makes the tokens of before another issuer's.",
    },
    "root-key-rotation-threshold": {
      kind: "duration",
      value: "duration",
      doc: "How long a key signs the identities of tasks before the next one does, 720h if not given. The next one is published at half of it.",
    },
    "root-key-gc-interval": {
      kind: "duration",
      value: "duration",
      doc: "How often it is looked whether such a key is due, 10m if not given.",
    },
    "root-key-gc-threshold": {
      kind: "duration",
      value: "duration",
      doc: "How long a key is kept after the last token that it signed, 1h if not given.",
    },
    "bridge-network-name": {
      kind: "text",
      value: "name",
      default: "yurt",
      doc: "The bridge of this agent, and its table of packet rules.",
    },
    "bridge-network-subnet": {
      kind: "text",
      value: "cidr",
      default: "172.26.64.0/20",
      doc: "The addresses of namespaces.",
    },
    "log-level": {
      kind: "text",
      value: "level",
      default: "info",
      doc: "The least that is told: trace, debug, info, warn or error.",
    },
    "log-json": { kind: "boolean", doc: "The log as JSON." },
    "no-color": { kind: "boolean", doc: "Plain text. NO_COLOR in the environment does the same." },
  },
  arity: [0, 0],
  outlivesReader: true,
  async run({ flags, terminal, signal }) {
    const dataDir = flags["data-dir"] ?? null;
    if (!flags.dev && dataDir === null) {
      throw new CommandError(
        "say where state is kept with -data-dir=<path>, or that it is not to be kept with -dev",
      );
    }
    const log = newLog({
      level: oneOf<LogLevel>("log-level", flags["log-level"], ["trace", "debug", "info", "warn", "error"]),
      json: flags["log-json"],
      colour: terminal.interactive && process.env["NO_COLOR"] === undefined && !flags["no-color"],
      write: (line) => void process.stdout.write(line),
    });
    const policy = flags["default-intention-policy"] ?? (flags.dev ? "allow" : "deny");
    const defaultPolicy = oneOf<"allow" | "deny">("default-intention-policy", policy, ["allow", "deny"]);
    // Whatever goes wrong with one allocation or one request must not end the others.
    process.on("unhandledRejection", (error) => log.error("an internal fault", { error }));
    terminal.print("==> Yurt agent starts");
    const agent = await Agent.start({
      dev: flags.dev,
      dataDir,
      name: flags.node ?? hostname(),
      datacenter: flags.datacenter ?? flags.dc,
      nodeClass: flags["node-class"],
      nodePool: flags["node-pool"],
      meta: Object.fromEntries(flags.meta.map((pair) => fact("meta", pair))),
      bind: flags.bind,
      httpPort: flags["http-port"],
      consulHttpPort: flags["consul-http-port"],
      grpcPort: flags["grpc-port"],
      dnsPort: flags["dns-port"] ?? null,
      grpcTlsPort: flags["grpc-tls-port"],
      defaultPolicy,
      envoyBinary: flags["envoy-binary"],
      sidecarDriver: oneOf("sidecar-driver", flags["sidecar-driver"], ["exec", "raw_exec", "docker"]),
      sidecarImage: flags["sidecar-image"] ?? null,
      hostVolumes: Object.fromEntries(flags["host-volume"].map(hostVolume)),
      docker: {
        socketPath: flags["docker-socket"].replace(/^unix:\/\//, ""),
        mayBePrivileged: flags["docker-allow-privileged"],
        credentials: {
          configFile: flags["docker-auth-config"] ?? null,
          helper: helperOf(flags["docker-auth-helper"]),
        },
        removesContainers: flags["docker-gc-container"],
        imageDelay: flags["docker-gc-image"] ? flags["docker-gc-image-delay"] : null,
      },
      leafLifetime: flags["leaf-cert-ttl"],
      encryptKeyFile: flags["encrypt-key-file"],
      oidcIssuer: issuerOf(flags["oidc-issuer"]),
      keyring: keyringOf(flags),
      ...roleOf(flags),
      wan: wanOf(flags, flags.datacenter ?? flags.dc),
      bridgeName: flags["bridge-network-name"],
      bridgeSubnet: flags["bridge-network-subnet"],
      version: packageVersion(),
      log,
    });
    terminal.print(
      ...described(agent.summary, defaultPolicy, dataDir === null),
      "==> Yurt agent is ready. Log follows:",
      "",
    );
    await interrupted(signal);
    terminal.print("==> Yurt agent stops: ending every task");
    await agent.stop();
    // Whoever keeps its half of a connection open does not keep the process.
    setTimeout(() => process.exit(), LINGER).unref();
    return 0;
  },
});

/** As https://openid.net/specs/openid-connect-discovery-1_0.html wants it. */
function issuerOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url !== null && ["https:", "http:"].includes(url.protocol) && url.search + url.hash === "") return text;
  throw new CommandError(`-oidc-issuer is a URL such as https://yurt.example.com, not "${text}"`);
}

function keyringOf(flags: {
  readonly "root-key-rotation-threshold": number | undefined;
  readonly "root-key-gc-interval": number | undefined;
  readonly "root-key-gc-threshold": number | undefined;
}): KeyringOptions {
  const positive = (flag: keyof typeof flags, otherwise: number): number => {
    const given = flags[flag] ?? otherwise;
    if (given > 0) return given;
    throw new CommandError(`-${flag} must be longer than 0`);
  };
  return {
    rotationThreshold: positive("root-key-rotation-threshold", KEYRING_DEFAULTS.rotationThreshold),
    gcInterval: positive("root-key-gc-interval", KEYRING_DEFAULTS.gcInterval),
    gcThreshold: flags["root-key-gc-threshold"] ?? KEYRING_DEFAULTS.gcThreshold,
  };
}

function helperOf(name: string | undefined): string | null {
  if (name === undefined || /^[\w.-]+$/.test(name)) return name ?? null;
  throw new CommandError(`-docker-auth-helper is a name such as "ecr-login", not "${name}"`);
}

function roleOf(flags: {
  readonly server: boolean;
  readonly client: boolean;
  readonly servers: string | undefined;
  readonly "rpc-port": number | undefined;
  readonly "join-token-file": string | undefined;
}) {
  const role = flags.server === flags.client ? "both" : flags.server ? "server" : "client";
  const servers = flags.servers?.split(",").filter((address) => address !== "") ?? [];
  const joinTokenFile = flags["join-token-file"] ?? null;
  if (role === "client" && servers.length === 0) {
    throw new CommandError("say where the servers are with -servers=<host:port>");
  }
  if (role === "client" && joinTokenFile === null) {
    throw new CommandError(
      "name the servers' join token with -join-token-file=<path>: it is server/join-token in their data folder",
    );
  }
  const rpcPort = flags["rpc-port"] ?? (role === "both" ? -1 : 4647);
  return { role, servers, joinTokenFile, rpcPort } as const;
}

function wanOf(
  flags: {
    readonly "join-wan": readonly string[];
    readonly "primary-datacenter": string | undefined;
    readonly "wan-port": number | undefined;
    readonly "advertise-wan": string | undefined;
    readonly "wan-token-file": string | undefined;
    readonly bind: string;
  },
  datacenter: string,
): WanOptions | null {
  const join = flags["join-wan"];
  const port = flags["wan-port"] ?? (join.length > 0 ? 8302 : -1);
  const primary = flags["primary-datacenter"] ?? datacenter;
  if (port === -1 && primary !== datacenter)
    throw new CommandError(`name a server of ${primary} with -join-wan=<host:port>`);
  if (port === -1) return null;
  const advertise = flags["advertise-wan"] ?? flags.bind;
  if (["0.0.0.0", "::"].includes(advertise))
    throw new CommandError(
      "say by which address other datacenters reach this one with -advertise-wan=<host>",
    );
  if (join.length > 0 && flags["wan-token-file"] === undefined)
    throw new CommandError(
      "name the other datacenters' token with -wan-token-file=<path>: it is server/wan-token in their servers' data folder",
    );
  const tokenFile = flags["wan-token-file"] ?? null;
  return { bind: flags.bind, port, advertise, join, primary, tokenFile };
}

function described(summary: AgentSummary, policy: string, isTemporary: boolean): string[] {
  return properties([
    ["HTTP, Nomad's routes", summary.httpAddress],
    ["HTTP, Consul's routes", summary.consulHttpAddress],
    ["State", `${summary.dataDir}${isTemporary ? " (goes with the agent)" : ""}`],
    ["Envoy", `${summary.envoy} ${summary.envoyVersion}`],
    ["Unmatched requests", policy === "allow" ? "allowed" : "denied, until an intention allows them"],
  ]).map((line) => `    ${line}`);
}

function hostVolume(text: string): [string, HostVolume] {
  const [, name, path, readOnly] = /^([\w.-]+(?:\[\d+\])?)=(\/.*?)(:ro)?$/.exec(text) ?? [];
  if (name === undefined || path === undefined)
    throw new CommandError(`flag -host-volume is written name=/path or name=/path:ro, not "${text}"`);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandError(`flag -host-volume ${name}: there is no folder at ${path}`);
  return [name, { Path: path, ReadOnly: readOnly !== undefined }];
}

function oneOf<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text.toLowerCase());
  if (found === undefined)
    throw new CommandError(`flag -${flag} is one of ${choices.join(", ")}, not "${text}"`);
  return found;
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}
