import { type Finding, rule } from "../schema/check.ts";
import { isAddress, isHostName } from "./host-name.ts";
import { beginsWithSlash, givenOf, patternProblem, repeated } from "./match-rules.ts";
import { destination, instanceRateLimit, routeRateLimit, serviceDefaults } from "./service-defaults.ts";

/** What must hold of `service-defaults`; Consul's rules, and what Envoy would refuse. */

function addressFindings(addresses: readonly string[]): Finding[] {
  const repeatedOnes = repeated(
    addresses,
    (address) => address.toLowerCase(),
    (i, address) => ({ at: ["Addresses", i], detail: `"${address}" is named more than once.` }),
  );
  const wrong = addresses.flatMap((address, i) =>
    isAddress(address) || isHostName(address)
      ? []
      : [{ at: ["Addresses", i], detail: `"${address}" is neither an IP address nor a host name.` }],
  );
  return [...repeatedOnes, ...wrong];
}

const destinationRules = [
  rule(
    destination,
    "Addresses",
    ({ Addresses }) => Addresses.length === 0 && "At least one address is needed.",
  ),
  rule(destination, "Addresses", ({ Addresses }) => addressFindings(Addresses)),
  rule(destination, "Port", ({ Port }) => Port === 0 && "A port is from 1 to 65535."),
  rule(
    serviceDefaults,
    "Destination",
    ({ Destination, UpstreamConfig }) =>
      Destination !== null &&
      UpstreamConfig !== null &&
      "What is outside of the mesh has no proxy: Destination and UpstreamConfig exclude one another.",
  ),
];

const burstProblem = ({
  RequestsPerSecond,
  RequestsMaxBurst,
}: {
  RequestsPerSecond: number;
  RequestsMaxBurst: number;
}) => RequestsMaxBurst > 0 && RequestsPerSecond === 0 && "A burst needs RequestsPerSecond.";

const rateLimitRules = [
  rule(instanceRateLimit, "RequestsMaxBurst", burstProblem),
  rule(routeRateLimit, "RequestsMaxBurst", burstProblem),
  rule(
    routeRateLimit,
    null,
    ({ PathExact, PathPrefix, PathRegex }) =>
      givenOf(PathExact, PathPrefix, PathRegex) !== 1 &&
      "Exactly one of PathExact, PathPrefix and PathRegex is needed.",
  ),
  rule(routeRateLimit, "PathExact", ({ PathExact }) => beginsWithSlash(PathExact)),
  rule(routeRateLimit, "PathPrefix", ({ PathPrefix }) => beginsWithSlash(PathPrefix)),
  rule(routeRateLimit, "PathRegex", ({ PathRegex }) => patternProblem(PathRegex)),
];

export const serviceDefaultsRules = [
  rule(
    serviceDefaults,
    "Name",
    ({ Name }) => Name === "*" && "These speak of one service; for all of them write proxy-defaults.",
  ),
  rule(
    serviceDefaults,
    "ExternalSNI",
    ({ ExternalSNI }) => ExternalSNI !== "" && !isHostName(ExternalSNI) && "Expected the name of a host.",
  ),
  ...destinationRules,
  ...rateLimitRules,
];
