import type { DatacenterLink } from "#server/datacenters/link.ts";
import { RpcClient } from "../link/rpc-client.ts";

/** Milliseconds. So long askers of names wait, too. */
const NAME_TIMEOUT = 3000;

/** The way to the servers of another datacenter. `addresses`: `host:port` each. */
export function datacenterLink(addresses: readonly string[], token: string): DatacenterLink {
  const rpc = new RpcClient(addresses, token);
  return {
    join: (who) => rpc.call("join", who),
    datacenters: (signal) => rpc.stream("datacenters", [], signal),
    endpoints: (signal) => rpc.stream("endpoints", [], signal),
    entries: (signal) => rpc.stream("entries", [], signal),
    authority: (signal) => rpc.stream("authority", [], signal),
    certify: (publicKey) => rpc.call("certify", publicKey),
    request: (request, signal) => rpc.callUntil(signal, "request", request),
    templateData: (query, signal) => rpc.stream("templateData", [query], signal),
    resolve: (message) => rpc.callUntil(AbortSignal.timeout(NAME_TIMEOUT), "resolve", message),
    close: () => rpc.close(),
  };
}
