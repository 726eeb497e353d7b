import type { Root } from "#mesh/ca/root.ts";
import type { Datacenter, DistantEndpoints } from "#mesh/datacenters/tables.ts";
import type { CaConfiguration } from "#model/ca-configuration.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import type { TemplateQuery } from "#model/template-data.ts";
import type { Told } from "./told.ts";

/** What servers let those of the mesh's other datacenters ask and follow. All of it is plain data. */
export interface DatacenterLink {
  /** Says who is there. */
  join(who: Joining): Promise<void>;
  datacenters(signal: AbortSignal): AsyncIterable<Told<Datacenter>>;
  endpoints(signal: AbortSignal): AsyncIterable<Told<DistantEndpoints>>;
  /** The next two are the primary datacenter's. */
  entries(signal: AbortSignal): AsyncIterable<Told<ConfigEntry>>;
  authority(signal: AbortSignal): AsyncIterable<Told<PrimaryAuthority>>;
  /** Certifies a public key (PEM) with which the asking datacenter signs. */
  certify(publicKey: string): Promise<Certified>;
  request(request: ForwardedRequest, signal: AbortSignal): Promise<ForwardedAnswer>;
  /** What a template asks of its services, whenever it changes. */
  templateData(query: TemplateQuery, signal: AbortSignal): AsyncIterable<unknown>;
  /** A message of DNS and the answer to it, as base64; null for none. */
  resolve(message: string): Promise<string | null>;
  close(): void;
}

export interface Joining {
  readonly datacenter: Datacenter;
  readonly primary: string;
  readonly trustDomain: string;
}

/** Who signs in the primary datacenter, and whom the mesh trusts. */
export interface PrimaryAuthority {
  readonly datacenter: string;
  readonly cluster: { readonly ID: string; readonly TrustDomain: string };
  readonly configuration: CaConfiguration;
  readonly roots: readonly Root[];
}

export interface Certified {
  /** Of the root that it is under. */
  readonly root: string;
  /** PEM. */
  readonly certificate: string;
}

/** A request to the API of another datacenter. */
export interface ForwardedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes, as base64. */
  readonly body: string;
}

export interface ForwardedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes, as base64. */
  readonly body: string;
  /** Up to where the config entries were written when it was given. */
  readonly entries: number;
}
