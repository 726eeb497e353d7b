import { statSync } from "node:fs";
import { hostname } from "node:os";
import type { AgentOptions } from "#agent/options.ts";
import type { WanOptions } from "#agent/wan/wan.ts";
import { KEYRING_DEFAULTS, type KeyringOptions } from "#model/keyring-options.ts";
import type { HostVolume } from "#model/node.ts";
import { CommandError } from "../command.ts";
import { fact } from "../fact.ts";
import type { AgentFlags } from "./flags.ts";

/** What an agent's flags say, or a {@link CommandError} that says which of them cannot be. */
export function agentOptions(flags: AgentFlags): Omit<AgentOptions, "version" | "log"> {
  const dataDir = flags["data-dir"] ?? null;
  if (!flags.dev && dataDir === null) {
    throw new CommandError(
      "say where state is kept with -data-dir=<path>, or that it is not to be kept with -dev",
    );
  }
  const policy = flags["default-intention-policy"] ?? (flags.dev ? "allow" : "deny");
  const defaultPolicy = oneOf<"allow" | "deny">("default-intention-policy", policy, ["allow", "deny"]);
  const datacenter = flags.datacenter ?? flags.dc;
  return {
    dev: flags.dev,
    dataDir,
    name: flags.node ?? hostname(),
    datacenter,
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
    wan: wanOf(flags, datacenter),
    bridgeName: flags["bridge-network-name"],
    bridgeSubnet: flags["bridge-network-subnet"],
  };
}

/** As https://openid.net/specs/openid-connect-discovery-1_0.html wants it. */
function issuerOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url !== null && ["https:", "http:"].includes(url.protocol) && url.search + url.hash === "") return text;
  throw new CommandError(`-oidc-issuer is a URL such as https://yurt.example.com, not "${text}"`);
}

function keyringOf(flags: AgentFlags): KeyringOptions {
  const positive = (
    flag: "root-key-rotation-threshold" | "root-key-gc-interval",
    otherwise: number,
  ): number => {
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

function roleOf(flags: AgentFlags) {
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

function wanOf(flags: AgentFlags, datacenter: string): WanOptions | null {
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

function hostVolume(text: string): [string, HostVolume] {
  const [, name, path, readOnly] = /^([\w.-]+(?:\[\d+\])?)=(\/.*?)(:ro)?$/.exec(text) ?? [];
  if (name === undefined || path === undefined)
    throw new CommandError(`flag -host-volume is written name=/path or name=/path:ro, not "${text}"`);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandError(`flag -host-volume ${name}: there is no folder at ${path}`);
  return [name, { Path: path, ReadOnly: readOnly !== undefined }];
}

/** What a flag says, which takes one of some words. */
export function oneOf<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text.toLowerCase());
  if (found === undefined)
    throw new CommandError(`flag -${flag} is one of ${choices.join(", ")}, not "${text}"`);
  return found;
}
