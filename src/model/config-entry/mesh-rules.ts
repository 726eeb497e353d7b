import { rule } from "../schema/check.ts";
import { cipherFindings, versionProblem } from "./gateway-tls-rules.ts";
import { directionalTls } from "./mesh.ts";

/** What must hold of the `mesh` entry; Consul's rules, and what Envoy would refuse. */
export const meshRules = [
  rule(directionalTls, "TLSMaxVersion", ({ TLSMinVersion, TLSMaxVersion }) =>
    versionProblem({ least: TLSMinVersion, greatest: TLSMaxVersion }),
  ),
  rule(directionalTls, "CipherSuites", ({ CipherSuites, TLSMinVersion }) =>
    cipherFindings(CipherSuites, TLSMinVersion),
  ),
];
