import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { readOnce } from "#mesh/cells.ts";
import type { Mesh } from "#mesh/mesh.ts";
import { roots, services } from "#mesh/tables.ts";
import { proxiedService } from "#model/catalog.ts";
import type { Log } from "#model/log.ts";
import type { State } from "#state/state.ts";
import type { StreamObserver } from "#xds/ads-stream.ts";
import type { ProxyStatuses } from "#xds/proxy-status.ts";

/** The metrics of an agent: its process, and the certificates of the mesh. Others add theirs. */
export function agentMetrics(state: State, mesh: Mesh, proxies: ProxyStatuses): Registry {
  const registry = new Registry();
  // The event loop is looked at ten times a second: more often would cost more than all else at rest.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const registers = [registry];
  new Gauge({
    name: "yurt_mesh_leaf_expiry_seconds",
    help: "Time until the certificate of a connected proxy ends that ends soonest.",
    registers,
    collect() {
      const ends = leavesOf(state, mesh, proxies).map(({ notAfter }) => notAfter);
      if (ends.length > 0) this.set((Math.min(...ends) - Date.now()) / 1000);
    },
  });
  new Gauge({
    name: "yurt_mesh_leaf_age_seconds",
    help: "Age of the oldest certificate of a connected proxy.",
    registers,
    collect() {
      const begins = leavesOf(state, mesh, proxies).map(({ notBefore }) => notBefore);
      if (begins.length > 0) this.set((Date.now() - Math.min(...begins)) / 1000);
    },
  });
  new Gauge({
    name: "yurt_mesh_root_expiry_seconds",
    help: "Time until the root certificate that signs now ends.",
    registers,
    collect() {
      const [root] = state.find(roots, "active", "yes");
      if (root !== undefined) this.set((root.NotAfter - Date.now()) / 1000);
    },
  });
  return registry;
}

/** Those of connected proxies alone: for others none is made because somebody looks. */
function leavesOf(state: State, mesh: Mesh, proxies: ProxyStatuses) {
  return readOnce(() =>
    proxies
      .all()
      .filter(([, { connected }]) => connected)
      .flatMap(([id]) => state.find(services, "id", id).slice(0, 1))
      .flatMap((instance) => mesh.certificates.leaf(instance.ID, proxiedService(instance)) ?? []),
  );
}

/** Traces of pushes over OTLP, where OpenTelemetry's environment names an endpoint; nothing is loaded otherwise. */
export async function pushTraces(
  version: string,
  log: Log,
): Promise<{ readonly observer: Partial<StreamObserver>; readonly close: () => Promise<void> } | null> {
  const endpoint =
    process.env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (endpoint === "") return null;
  const [
    { OTLPTraceExporter },
    { BatchSpanProcessor, TracerProvider },
    { resourceFromAttributes },
    { PushTraces },
  ] = await Promise.all([
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/resources"),
    import("#xds/push-traces.ts"),
  ]);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "yurt", "service.version": version }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  log.info("traces of pushes are sent", { endpoint });
  return { observer: new PushTraces(provider.getTracer("yurt")), close: () => provider.shutdown() };
}
