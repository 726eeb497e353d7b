/** What a template may ask the servers for. */
export type TemplateQuery =
  /** The value of a key, as text; null when there is none. */
  | { readonly kind: "key"; readonly key: string }
  /** All entries whose keys begin so. */
  | { readonly kind: "keys"; readonly prefix: string }
  /** The instances of a service, or of the proxies before it; of the own datacenter unless it is named. */
  | { readonly kind: "service" | "connect"; readonly name: string; readonly datacenter?: string }
  | { readonly kind: "services" }
  /** The same for services of jobs with `provider = "nomad"`. */
  | { readonly kind: "nomad service"; readonly name: string }
  | { readonly kind: "nomad services" }
  /** The items of a variable; null when there is none. */
  | { readonly kind: "variable"; readonly path: string; readonly namespace: string }
  | { readonly kind: "variables"; readonly prefix: string; readonly namespace: string }
  /** The certificates of the mesh's authorities, as PEM. */
  | { readonly kind: "roots" }
  /** A certificate and a key for a service; null until they are made. */
  | { readonly kind: "leaf"; readonly service: string };

export interface TemplateKey {
  readonly key: string;
  readonly value: string;
  readonly flags: number;
}

export interface TemplateInstance {
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly nodeId: string;
  readonly nodeAddress: string;
  readonly datacenter: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly status: string;
  readonly jobId: string;
  readonly allocationId: string;
  readonly weights: { readonly passing: number; readonly warning: number };
}

export interface TemplateRoot {
  readonly name: string;
  readonly pem: string;
  readonly isActive: boolean;
}

/** The answer to each kind of question. */
export interface TemplateAnswers {
  readonly key: string | null;
  readonly keys: readonly TemplateKey[];
  readonly service: readonly TemplateInstance[];
  readonly connect: readonly TemplateInstance[];
  readonly services: readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly "nomad service": readonly TemplateInstance[];
  readonly "nomad services": readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly variable: Readonly<Record<string, string>> | null;
  readonly variables: readonly { readonly path: string; readonly namespace: string }[];
  readonly roots: readonly TemplateRoot[];
  readonly leaf: { readonly CertPEM: string; readonly PrivateKeyPEM: string } | null;
}

export type TemplateAnswer<Query extends TemplateQuery> = TemplateAnswers[Query["kind"]];
