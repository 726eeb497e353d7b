import type { Terminal } from "./terminal.ts";

interface SettingView {
  readonly value: string;
  readonly from: string;
}

interface WayView {
  readonly share: number;
  readonly because: string;
  readonly target: string;
  readonly service: string;
  readonly subset: SettingView | null;
  readonly cluster: { readonly name: string; readonly serverName: string; readonly expects: string };
  readonly connectTimeout: SettingView;
  readonly requestTimeout: SettingView | null;
  readonly loadBalancer: SettingView;
  readonly endpoints: readonly {
    readonly id: string;
    readonly node: string;
    readonly address: string;
    readonly port: number;
    readonly healthy: boolean;
  }[];
  readonly failover: readonly {
    readonly target: string;
    readonly from: string;
    readonly healthy: number;
    readonly all: number;
  }[];
  readonly reached: string;
  readonly decision: { readonly allowed: boolean; readonly because: string };
  readonly local: readonly { readonly proxyId: string; readonly address: string; readonly port: number }[];
  readonly beyond: {
    readonly peer: string;
    readonly instances: readonly {
      readonly id: string;
      readonly address: string;
      readonly port: number;
      readonly healthy: boolean;
    }[];
  } | null;
}

/** What `/v1/mesh/explain` answers. */
export interface ExplanationView {
  readonly source: string;
  readonly destination: string;
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly upstream: { readonly proxyId: string; readonly bind: BindView; readonly listener: string } | null;
  readonly route: {
    readonly because: string;
    readonly path: string;
    readonly idleTimeout: SettingView;
    readonly retries: SettingView;
  } | null;
  readonly ways: readonly WayView[];
  readonly obstacles: readonly string[];
  readonly running: readonly {
    readonly proxyId: string;
    readonly differences:
      | readonly { readonly kind: string; readonly name: string; readonly difference: string }[]
      | null;
  }[];
}

type BindView =
  | { readonly kind: "port"; readonly address: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string };

export function explanationLines(terminal: Terminal, view: ExplanationView): string[] {
  const { good, bad } = marks(terminal);
  const method = view.route === null ? "" : `${view.method} `;
  return [
    `${view.source} → ${view.destination} ${method}${view.path} (${view.protocol})`,
    "",
    ...upstreamLines(terminal, view),
    ...routeLines(terminal, view),
    ...view.ways.flatMap((way) => wayLines(terminal, way)),
    ...runningLines(terminal, view),
    "",
    view.obstacles.length === 0
      ? `${good} The request would pass.`
      : `${bad} The request would fail: ${view.obstacles.join("; ")}.`,
  ];
}

function marks(terminal: Terminal): { readonly good: string; readonly bad: string } {
  return { good: terminal.style("green", "✓"), bad: terminal.style("red", "✗") };
}

function step(terminal: Terminal, passes: boolean, title: string, ...details: string[]): string[] {
  const { good, bad } = marks(terminal);
  return [`${passes ? good : bad} ${terminal.style("bold", title)}`, ...details.map((text) => `    ${text}`)];
}

const setting = (what: string, { value, from }: SettingView) => `${what} ${value} (${from})`;

function upstreamLines(terminal: Terminal, { upstream }: ExplanationView): string[] {
  if (upstream === null) return step(terminal, false, "Upstream", "none");
  return step(
    terminal,
    true,
    "Upstream",
    `a task calls ${bindText(upstream.bind)}`,
    `listener ${upstream.listener} of ${upstream.proxyId}`,
  );
}

function routeLines(terminal: Terminal, { route, path }: ExplanationView): string[] {
  if (route === null) return [];
  return step(
    terminal,
    true,
    "Route",
    route.because,
    ...(route.path === path ? [] : [`goes on as ${route.path}`]),
    setting("retries", route.retries),
    setting("idle timeout", route.idleTimeout),
  );
}

function wayLines(terminal: Terminal, way: WayView): string[] {
  const { good, bad } = marks(terminal);
  const healthy = way.endpoints.filter((endpoint) => endpoint.healthy).length;
  const spare = way.failover.reduce((sum, one) => sum + one.healthy, 0);
  return [
    ...(way.share === 100 ? [] : step(terminal, true, `${way.share}% of the requests`, way.because)),
    ...step(
      terminal,
      true,
      "Cluster",
      way.cluster.name,
      `who answers must be ${way.cluster.expects}`,
      ...settingsOf(way),
    ),
    ...step(
      terminal,
      healthy + spare > 0,
      `Endpoints: ${healthy} of ${way.endpoints.length} healthy`,
      ...way.endpoints.map(
        ({ address, port, node, healthy: isHealthy }) =>
          `${isHealthy ? good : bad} ${address}:${port}${node === "" ? ", a mesh gateway" : ` on ${node}`}`,
      ),
      ...way.failover.map(
        (one) => `else ${one.target}: ${one.healthy} of ${one.all} healthy (${one.from} Failover)`,
      ),
    ),
    ...step(
      terminal,
      way.decision.allowed,
      `Intention: ${way.decision.allowed ? "allowed" : "denied"}`,
      way.decision.because,
      ...(way.reached === way.service ? [] : [`at ${way.reached}, where requests go now`]),
    ),
    ...destinationLines(terminal, way),
  ];
}

function destinationLines(terminal: Terminal, { local, beyond }: WayView): string[] {
  if (beyond === null) {
    const places = local.map(({ address, port, proxyId }) => `${address}:${port} behind ${proxyId}`);
    return step(terminal, local.length > 0, "Destination", ...places);
  }
  const { good, bad } = marks(terminal);
  return step(
    terminal,
    beyond.instances.some(({ healthy }) => healthy),
    `Destination: by mesh gateways, at the peer ${beyond.peer}`,
    ...beyond.instances.map(
      ({ id, address, port, healthy }) => `${healthy ? good : bad} ${id} (${address}:${port} over there)`,
    ),
  );
}

function settingsOf(way: WayView): string[] {
  return [
    ...(way.subset === null ? [] : [setting("subset", way.subset)]),
    setting("load balancing", way.loadBalancer),
    setting("connect timeout", way.connectTimeout),
    ...(way.requestTimeout === null ? [] : [setting("request timeout", way.requestTimeout)]),
  ];
}

function runningLines(terminal: Terminal, { running }: ExplanationView): string[] {
  return running.flatMap(({ proxyId, differences }) => {
    if (differences === null)
      return [terminal.style("yellow", `! ${proxyId} does not answer: what it holds is not known`)];
    return differences.map(({ kind, name, difference }) =>
      terminal.style("yellow", `! ${proxyId} holds something else: ${kind} ${name}: ${difference}`),
    );
  });
}

function bindText(bind: BindView): string {
  return bind.kind === "port" ? `${bind.address}:${bind.port}` : bind.path;
}
