/** The mesh's configuration as its users write it: Consul's config entries, by kind and name. */

export type Protocol = "tcp" | "http" | "http2" | "grpc";

export interface ServiceDefaults {
  readonly Kind: "service-defaults";
  readonly Name: string;
  readonly Protocol: Protocol;
  readonly Meta: Readonly<Record<string, string>>;
}

export interface ProxyDefaults {
  readonly Kind: "proxy-defaults";
  readonly Name: "global";
  readonly Config: Readonly<Record<string, unknown>>;
  readonly Meta: Readonly<Record<string, string>>;
}

export interface SourceIntention {
  /** A service, or `*` for every service. */
  readonly Name: string;
  readonly Action: "allow" | "deny";
  readonly Description: string;
}

/** Who may reach the service `Name`, or every service where it is `*`. */
export interface ServiceIntentions {
  readonly Kind: "service-intentions";
  readonly Name: string;
  readonly Sources: readonly SourceIntention[];
  readonly Meta: Readonly<Record<string, string>>;
}

export type ConfigEntry = ServiceDefaults | ProxyDefaults | ServiceIntentions;
export type ConfigKind = ConfigEntry["Kind"];
