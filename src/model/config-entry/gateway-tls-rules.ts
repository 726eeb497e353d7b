import type { Finding } from "../schema/check.ts";
import { cipherSuites, tlsVersions } from "./gateway-tls.ts";

interface Versions {
  readonly least: (typeof tlsVersions)[number];
  readonly greatest: (typeof tlsVersions)[number];
}

const isNumbered = (version: string) => version !== "" && version !== "TLS_AUTO";

/** What must hold between two versions. */
export function versionProblem({ least, greatest }: Versions): string | false {
  return (
    isNumbered(least) &&
    isNumbered(greatest) &&
    tlsVersions.indexOf(greatest) < tlsVersions.indexOf(least) &&
    `The greatest version, ${greatest}, is less than the least, ${least}.`
  );
}

export function cipherFindings(suites: readonly string[], least: string): Finding[] {
  if (suites.length > 0 && least === "TLSv1_3")
    return [{ detail: "TLS 1.3 has cipher suites of its own, which cannot be chosen." }];
  return suites.flatMap((suite, i) =>
    Object.hasOwn(cipherSuites, suite)
      ? []
      : [{ at: ["CipherSuites", i], detail: `Expected one of ${Object.keys(cipherSuites).join(", ")}.` }],
  );
}
