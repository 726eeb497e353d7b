import { ApiClient } from "./api-client.ts";

/** The flags of the commands that Nomad's users know. */
export const nomadFlags = {
  address: {
    kind: "text",
    value: "url",
    environment: "NOMAD_ADDR",
    default: "http://127.0.0.1:4646",
    doc: "Where the agent's HTTP API is.",
  },
  namespace: {
    kind: "text",
    value: "name",
    environment: "NOMAD_NAMESPACE",
    default: "default",
    doc: "The namespace of the job.",
  },
  "no-color": { kind: "boolean", doc: "Plain text. NO_COLOR in the environment does the same." },
} as const;

export function nomadApi({ address }: { readonly address: string }): ApiClient {
  return new ApiClient(address, "Another address is named by -address or NOMAD_ADDR.");
}

/** The flags of the commands that Consul's users know. */
export const consulFlags = {
  "http-addr": {
    kind: "text",
    value: "url",
    environment: "CONSUL_HTTP_ADDR",
    default: "http://127.0.0.1:8500",
    doc: "Where the agent's HTTP API is.",
  },
  datacenter: { kind: "text", value: "name", doc: "The datacenter that is asked; by default the agent's." },
  "no-color": { kind: "boolean", doc: "Plain text. NO_COLOR in the environment does the same." },
} as const;

export function consulApi(flags: {
  readonly "http-addr": string;
  readonly datacenter: string | undefined;
}): ApiClient {
  const hint = "Another address is named by -http-addr or CONSUL_HTTP_ADDR.";
  return new ApiClient(flags["http-addr"], hint, { dc: flags.datacenter });
}

export const json = { kind: "boolean", doc: "The answer as JSON." } as const;
export const verbose = { kind: "boolean", doc: "Ids in full, and more detail." } as const;
