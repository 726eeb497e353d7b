import type { ExposedPath, ServiceInstance } from "#model/catalog.ts";

/** Where everyone reaches some paths of the task, without the mesh. */
export interface ExposedListener {
  readonly address: string;
  readonly port: number;
  /** Who reaches them: address ranges; everyone where there are none. */
  readonly sources: readonly string[];
  readonly paths: readonly ExposedPath[];
}

export interface ExposureSurroundings {
  /** The paths of the instance's checks that its node asks for through the proxy, and the node's own addresses. */
  exposedChecks(proxy: ServiceInstance): {
    readonly paths: readonly ExposedPath[];
    readonly sources: readonly string[];
  };
}

type Exposure = { readonly Checks?: boolean; readonly Paths: readonly ExposedPath[] } | null | undefined;

/** What is said to be exposed; the paths of checks are for the node's agent alone. */
export function exposedBy(
  instance: ServiceInstance,
  exposures: readonly Exposure[],
  address: string,
  mesh: ExposureSurroundings,
): ExposedListener[] {
  const paths = exposures.flatMap((expose) => expose?.Paths ?? []);
  const all = exposedListeners(paths, address, []);
  if (!exposures.some((expose) => expose?.Checks)) return all;
  const { paths: ofChecks, sources } = mesh.exposedChecks(instance);
  return [...all, ...exposedListeners(ofChecks, address, sources)];
}

/** Paths that are served at the same port share a listener. */
function exposedListeners(
  paths: readonly ExposedPath[],
  address: string,
  sources: readonly string[],
): ExposedListener[] {
  return [...Map.groupBy(paths, ({ ListenerPort }) => ListenerPort)].map(([port, shared]) => ({
    ...{ address, port, sources },
    paths: shared,
  }));
}
