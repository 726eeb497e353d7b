import type { Flags, FlagValues } from "../command.ts";

/** The flags of an agent. */
export const agentFlags = {
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
} as const satisfies Flags;

export type AgentFlags = FlagValues<typeof agentFlags>;
