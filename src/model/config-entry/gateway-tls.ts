import { object, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const tlsVersions = ["", "TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"] as const;

/** Parameters of TLS connections, under the names that most kinds give them. */
export const tlsParameters = {
  TLSMinVersion: string("The least version.", { oneOf: tlsVersions }),
  TLSMaxVersion: string("The greatest version.", { oneOf: tlsVersions }),
  CipherSuites: strings("Allowed cipher suites, for versions up to 1.2."),
};

export const sds = object("SDS", "A certificate that another server hands out (Envoy's secret discovery).", {
  ClusterName: string("The cluster of Envoy's bootstrap that serves it."),
  CertResource: string("Its name there."),
});

export type Sds = Value<typeof sds>;
