import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findEnvoy } from "../../src/model/envoy-binary.ts";

/** How a pair of Envoys by hand carries requests: what the client speaks, and what the two speak between them. */
export interface StaticWay {
  readonly kind: "tcp" | "http";
  readonly between: "http/1.1" | "h2";
  /** What the server speaks. */
  readonly server: "http/1.1" | "h2";
  readonly listens: number;
  readonly crosses: number;
  readonly leadsTo: number;
}

export interface StaticPair extends AsyncDisposable {
  readonly pids: readonly number[];
}

/**
 * Two Envoys with mutual TLS and the least configuration that does the work: the floor that a mesh is
 * measured against. They stand in the same namespaces as the mesh's, and use the same kind of certificates.
 */
export async function startStaticPair(
  folder: string,
  ways: readonly StaticWay[],
  client: string,
  server: { readonly namespace: string; readonly address: string },
): Promise<StaticPair> {
  mkdirSync(folder, { recursive: true });
  makeCertificates(folder);
  const near = start(
    folder,
    "near",
    client,
    ways.map((way) => nearListener(way)),
    ways.map((way) => nearCluster(folder, way, server.address)),
  );
  const far = start(
    folder,
    "far",
    server.namespace,
    ways.map((way) => farListener(folder, way)),
    ways.map((way) => farCluster(way)),
  );
  return {
    pids: [near.pid ?? 0, far.pid ?? 0],
    [Symbol.asyncDispose]: async () => {
      for (const envoy of [near, far]) {
        const exit = once(envoy, "exit");
        if (envoy.kill()) await exit;
      }
    },
  };
}

/** Gives a process processor time as another has it: in a control group beside the other's, with its weight. */
export function weighLike(pid: number, other: number): void {
  const lines = readFileSync(`/proc/${other}/cgroup`, "utf8");
  const [, version1] = /^\d+:(?:.*,)?cpu(?:,.*)?:(.+)$/m.exec(lines) ?? [];
  const [, unified = ""] = /^0::(.+)$/m.exec(lines) ?? [];
  const [group, weight] =
    version1 === undefined
      ? [`/sys/fs/cgroup${unified}`, "cpu.weight"]
      : [`/sys/fs/cgroup/cpu${version1}`, "cpu.shares"];
  const own = join(dirname(group), `floor-${pid}`);
  mkdirSync(own);
  writeFileSync(join(own, weight), readFileSync(join(group, weight)));
  writeFileSync(join(own, "cgroup.procs"), String(pid));
}

function start(folder: string, name: string, namespace: string, listeners: unknown[], clusters: unknown[]) {
  const config = join(folder, `${name}.json`);
  writeFileSync(config, JSON.stringify({ static_resources: { listeners, clusters } }));
  const envoy = [
    findEnvoy(undefined) ?? "envoy",
    "-c",
    config,
    "-l",
    "error",
    "--concurrency",
    "1",
    "--disable-hot-restart",
  ];
  return spawn("ip", ["netns", "exec", namespace, ...envoy], { stdio: ["ignore", "inherit", "inherit"] });
}

/** P-256, as the mesh's own. */
function makeCertificates(folder: string): void {
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "1", "-subj", "/CN=floor");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=CA:FALSE"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "leaf.key",
    "-out",
    "leaf.pem",
    "-days",
    "1",
    "-subj",
    "/CN=leaf",
    ...signed,
  );
}

const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });

function tls(folder: string, kind: "Upstream" | "Downstream", alpn: readonly string[]) {
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": `type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.${kind}TlsContext`,
      ...(kind === "Downstream" ? { require_client_certificate: true } : { sni: "floor" }),
      common_tls_context: {
        alpn_protocols: alpn,
        tls_params: { tls_maximum_protocol_version: "TLSv1_3" },
        tls_certificates: [
          {
            certificate_chain: { filename: join(folder, "leaf.pem") },
            private_key: { filename: join(folder, "leaf.key") },
          },
        ],
        validation_context: { trusted_ca: { filename: join(folder, "ca.pem") } },
      },
    },
  };
}

function filters({ kind }: StaticWay, cluster: string) {
  if (kind === "tcp") {
    const type = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
    return [{ name: "tcp", typed_config: { "@type": type, stat_prefix: cluster, cluster } }];
  }
  const type =
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  const router = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
  const routes = [{ match: { prefix: "/" }, route: { cluster, timeout: "0s" } }];
  return [
    {
      name: "http",
      typed_config: {
        "@type": type,
        stat_prefix: cluster,
        route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
        http_filters: [{ name: "router", typed_config: { "@type": router } }],
      },
    },
  ];
}

function nearListener(way: StaticWay) {
  return {
    name: `near-${way.listens}`,
    address: address("127.0.0.1", way.listens),
    filter_chains: [{ filters: filters(way, `near-${way.crosses}`) }],
  };
}

function nearCluster(folder: string, way: StaticWay, host: string) {
  return {
    ...cluster(`near-${way.crosses}`, host, way.crosses, way.kind === "http" && way.between === "h2"),
    transport_socket: tls(folder, "Upstream", []),
  };
}

function farListener(folder: string, way: StaticWay) {
  const alpn = way.kind === "http" ? ["h2", "http/1.1"] : [];
  return {
    name: `far-${way.crosses}`,
    address: address("0.0.0.0", way.crosses),
    filter_chains: [
      { filters: filters(way, `far-${way.crosses}`), transport_socket: tls(folder, "Downstream", alpn) },
    ],
  };
}

function farCluster(way: StaticWay) {
  return cluster(`far-${way.crosses}`, "127.0.0.1", way.leadsTo, way.kind === "http" && way.server === "h2");
}

function cluster(name: string, host: string, port: number, isHttp2: boolean) {
  const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const http2 = {
    "@type": `type.googleapis.com/${options}`,
    explicit_http_config: { http2_protocol_options: {} },
  };
  return {
    name,
    type: "STATIC",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(host, port) } }] }],
    },
    ...(isHttp2 ? { typed_extension_protocol_options: { [options]: http2 } } : {}),
  };
}
