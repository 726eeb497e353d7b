import { status } from "@grpc/grpc-js";
import { services } from "#mesh/tables.ts";
import type { State } from "#state/state.ts";
import type { Identify } from "#xds/ads-server.ts";
import type { Identity } from "#xds/ads-stream.ts";

/** A proxy that was registered by hand is whom it calls itself: for a door that only this machine reaches. */
export function byName(state: State): Identify {
  return (nodeId) => registered(state, nodeId);
}

function registered(state: State, id: string): Identity {
  const [instance] = state.find(services, "id", id);
  if (instance === undefined || instance.Kind === "") {
    return refused(
      status.FAILED_PRECONDITION,
      `no proxy "${id}" is registered: register it with "services register", then start its Envoy`,
    );
  }
  if (instance.AllocID !== "") {
    return refused(
      status.PERMISSION_DENIED,
      `the proxy "${id}" is that of allocation ${instance.AllocID}, which has a socket of its own`,
    );
  }
  return { kind: "proxy", id };
}

function refused(code: status, reason: string): Identity {
  return { kind: "refused", code, reason };
}
