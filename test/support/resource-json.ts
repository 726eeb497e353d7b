import { jsonOfMessage } from "../../src/xds/envoy-json.ts";
import { byKind, type Snapshot } from "../../src/xds/snapshot.ts";

/** All that a proxy holds, certificates aside, as JSON under Envoy's names. */
export function snapshotJson(snapshot: Snapshot): Record<string, unknown[]> {
  const { secret: _, ...kinds } = byKind(snapshot);
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, resources]) => [
      kind,
      [...resources.values()].map(({ any }) => jsonOfMessage("google.protobuf.Any", any)),
    ]),
  );
}
