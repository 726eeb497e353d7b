import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import type { Terminal } from "../terminal.ts";

interface ExplanationView {
  readonly source: string;
  readonly destination: string;
  readonly path: string;
  readonly protocol: string;
  readonly upstream: { readonly proxyId: string; readonly bind: BindView; readonly listener: string } | null;
  readonly cluster: { readonly name: string; readonly serverName: string; readonly expects: string };
  readonly endpoints: readonly {
    readonly id: string;
    readonly node: string;
    readonly address: string;
    readonly port: number;
    readonly healthy: boolean;
  }[];
  readonly decision: { readonly allowed: boolean; readonly because: string };
  readonly local: readonly { readonly proxyId: string; readonly address: string; readonly port: number }[];
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

export default command({
  usage: "<source> <destination> [path]",
  help: "Shows the way that a request of the service <source> to the service <destination> would take: listener, cluster, instances with their health, the intention that decides and why, the task's port; and where a running Envoy holds something else. Exits with 0 when the request would pass, with 2 when it would not.",
  flags: { ...nomadFlags, json },
  arity: [2, 3],
  async run({ flags, arguments: [source, destination, path = "/"], terminal, signal }) {
    const query = { source, destination, path };
    const explanation = await nomadApi(flags).get<ExplanationView>("/v1/mesh/explain", { query, signal });
    if (flags.json) terminal.print(JSON.stringify(explanation, null, 2));
    else terminal.print(...lines(terminal, explanation));
    return explanation.obstacles.length === 0 ? 0 : 2;
  },
});

function lines(terminal: Terminal, view: ExplanationView): string[] {
  const good = terminal.style("green", "✓");
  const bad = terminal.style("red", "✗");
  const step = (passes: boolean, title: string, ...details: string[]) => [
    `${passes ? good : bad} ${terminal.style("bold", title)}`,
    ...details.map((text) => `    ${text}`),
  ];
  const healthy = view.endpoints.filter((endpoint) => endpoint.healthy);
  return [
    `${view.source} → ${view.destination} ${view.path} (${view.protocol})`,
    "",
    ...step(
      view.upstream !== null,
      "Upstream",
      ...(view.upstream === null
        ? ["none"]
        : [
            `a task calls ${bindText(view.upstream.bind)}`,
            `listener ${view.upstream.listener} of ${view.upstream.proxyId}`,
          ]),
    ),
    ...step(true, "Cluster", view.cluster.name, `who answers must be ${view.cluster.expects}`),
    ...step(
      healthy.length > 0,
      `Endpoints: ${healthy.length} of ${view.endpoints.length} healthy`,
      ...view.endpoints.map(
        ({ address, port, node, healthy: isHealthy }) =>
          `${isHealthy ? good : bad} ${address}:${port} on ${node}`,
      ),
    ),
    ...step(
      view.decision.allowed,
      `Intention: ${view.decision.allowed ? "allowed" : "denied"}`,
      view.decision.because,
    ),
    ...step(
      view.local.length > 0,
      "Destination",
      ...view.local.map(({ address, port, proxyId }) => `${address}:${port} behind ${proxyId}`),
    ),
    ...running(terminal, view),
    "",
    view.obstacles.length === 0
      ? `${good} The request would pass.`
      : `${bad} The request would fail: ${view.obstacles.join("; ")}.`,
  ];
}

function running(terminal: Terminal, { running }: ExplanationView): string[] {
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
