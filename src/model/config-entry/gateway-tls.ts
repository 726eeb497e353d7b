import { object, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const tlsVersions = ["", "TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"] as const;

/** Those of TLS up to 1.2, under the names of the registry that Consul's users write, with OpenSSL's for Envoy. */
export const cipherSuites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_RSA_WITH_AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  TLS_RSA_WITH_AES_128_CBC_SHA: "AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_RSA_WITH_AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  TLS_RSA_WITH_AES_256_CBC_SHA: "AES256-SHA",
};

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
