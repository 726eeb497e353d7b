import { isIP } from "node:net";
import { rule } from "../schema/check.ts";
import {
  type JwksCluster,
  jsonWebKeySet,
  jwksBackOff,
  jwksTls,
  jwksTrustedCa,
  jwtProvider,
  localJwks,
  remoteJwks,
  tokenCookie,
  tokenForwarding,
  tokenHeader,
  tokenLocation,
  tokenQueryParameter,
} from "./jwt-provider.ts";

import { headerNameProblem } from "./match-rules.ts";

/** What must hold of a `jwt-provider`; Consul's rules, and what Envoy would refuse. */

const isOne = (...given: readonly boolean[]) => given.filter(Boolean).length === 1;

const named = ({ Name }: { readonly Name: string }) => Name === "" && "A name is needed.";

export const jwtProviderRules = [
  rule(jwtProvider, "Name", ({ Name }) => Name.includes("*") && "A provider is named without *."),
  rule(
    jwtProvider,
    "JSONWebKeySet",
    ({ JSONWebKeySet }) => JSONWebKeySet === null && "Without keys no token can be checked.",
  ),
  rule(
    jsonWebKeySet,
    null,
    ({ Local, Remote }) =>
      !isOne(Local !== null, Remote !== null) && "Exactly one of Local and Remote is needed.",
  ),
  rule(
    localJwks,
    null,
    ({ JWKS, Filename }) =>
      !isOne(JWKS !== "", Filename !== "") && "Exactly one of JWKS and Filename is needed.",
  ),
  rule(localJwks, "JWKS", ({ JWKS }) => JWKS !== "" && keySetProblem(JWKS)),
  rule(remoteJwks, "URI", ({ URI }) => {
    const url = URL.parse(URI);
    return (url === null || !["http:", "https:"].includes(url.protocol)) && "Expected an http or https URI.";
  }),
  rule(remoteJwks, "JWKSCluster", ({ URI, JWKSCluster }) => discoveryProblem(URI, JWKSCluster)),
  rule(
    jwksBackOff,
    "MaxInterval",
    ({ BaseInterval, MaxInterval }) => MaxInterval < BaseInterval && "It is at least BaseInterval.",
  ),
  rule(
    jwksTls,
    "CaCertificateProviderInstance",
    ({ CaCertificateProviderInstance }) =>
      CaCertificateProviderInstance !== null && "Envoy knows no such instances; write TrustedCA.",
  ),
  rule(
    jwksTrustedCa,
    null,
    ({ Filename, EnvironmentVariable, InlineString, InlineBytes }) =>
      !isOne(...[Filename, EnvironmentVariable, InlineString, InlineBytes].map((text) => text !== "")) &&
      "Exactly one of Filename, EnvironmentVariable, InlineString and InlineBytes is needed.",
  ),
  rule(
    tokenLocation,
    null,
    ({ Header, QueryParam, Cookie }) =>
      !isOne(Header !== null, QueryParam !== null, Cookie !== null) &&
      "Exactly one of Header, QueryParam and Cookie is needed.",
  ),
  rule(tokenHeader, "Name", ({ Name }) => headerNameProblem(Name)),
  rule(tokenQueryParameter, "Name", named),
  rule(tokenCookie, "Name", named),
  rule(tokenForwarding, "HeaderName", ({ HeaderName }) => headerNameProblem(HeaderName)),
];

/** Envoy makes no cluster of the other ways from a URI alone. */
function discoveryProblem(uri: string, cluster: JwksCluster | null): string | null {
  const hostname = URL.parse(uri)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const type = cluster?.DiscoveryType ?? "STRICT_DNS";
  if (type === "EDS" || type === "ORIGINAL_DST")
    return "The host of a URI is found by STRICT_DNS, by LOGICAL_DNS or, where it is an address, by STATIC.";
  return type === "STATIC" && isIP(hostname) === 0
    ? `STATIC is for addresses, but "${hostname}" is a name.`
    : null;
}

/** What is wrong with a key set in base64, or null. */
function keySetProblem(base64: string): string | null {
  try {
    const set: unknown = JSON.parse(Buffer.from(base64, "base64").toString());
    const keys = typeof set === "object" && set !== null && "keys" in set ? set.keys : null;
    if (Array.isArray(keys) && keys.length > 0) return null;
  } catch {
    // Told below.
  }
  return 'Expected a JSON Web Key Set, {"keys": [ … ]}, in base64.';
}
