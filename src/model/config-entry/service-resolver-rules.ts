import { healthShape } from "../catalog-filter.ts";
import { FilterError } from "../filter/filter.ts";
import { parseFilter } from "../filter/parse.ts";
import { checkFilter } from "../filter/shape.ts";
import { type Finding, rule } from "../schema/check.ts";
import {
  cookieConfig,
  failover,
  failoverTarget,
  hashPolicy,
  leastRequestConfig,
  loadBalancer,
  redirect,
  ringHashConfig,
  type ServiceResolver,
  serviceResolver,
  subset,
} from "./service-resolver.ts";

/** What must hold of a `service-resolver`; Consul's rules, and what Envoy would refuse. */

const anySubset = "*";

const isSubset = ({ Subsets }: ServiceResolver, name: string) => Object.hasOwn(Subsets, name);

const unknownSubset = (name: string) => `There is no subset named "${name}" in Subsets.`;

const isEmpty = (place: object) =>
  Object.values(place).every((value) => value === "" || (value as []).length === 0);

function filterProblem(text: string): string | null {
  try {
    checkFilter(parseFilter(text), healthShape);
    return null;
  } catch (error) {
    if (error instanceof FilterError) return `Invalid filter: ${error.message}`;
    throw error;
  }
}

const subsetRules = [
  rule(serviceResolver, "Subsets", ({ Subsets }) =>
    Object.keys(Subsets).flatMap((name) =>
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
        ? []
        : [
            {
              at: ["Subsets", name],
              detail: `A subset's name has at most 63 lower-case letters, digits and dashes, and begins and ends with none of these.`,
            },
          ],
    ),
  ),
  rule(
    serviceResolver,
    "DefaultSubset",
    (entry) =>
      entry.DefaultSubset !== "" &&
      !isSubset(entry, entry.DefaultSubset) &&
      unknownSubset(entry.DefaultSubset),
  ),
  rule(subset, "Filter", ({ Filter }) => Filter !== "" && filterProblem(Filter)),
];

interface Place {
  readonly Service: string;
  readonly ServiceSubset: string;
  readonly Datacenter: string;
  readonly Peer: string;
}

/** What a peer's service is split into, the peer itself says. */
const peerAlone = ({ Peer, ServiceSubset, Datacenter }: Place) =>
  Peer !== "" && `${ServiceSubset}${Datacenter}` !== "" && "Peer excludes ServiceSubset and Datacenter.";

const redirectRules = [
  rule(redirect, null, (place) => isEmpty(place) && "It says nothing: set Service, Datacenter or Peer."),
  rule(
    redirect,
    "ServiceSubset",
    ({ Service, ServiceSubset }) => ServiceSubset !== "" && Service === "" && "ServiceSubset needs Service.",
  ),
  rule(redirect, "Peer", ({ Peer, Service }) => Peer !== "" && Service === "" && "Peer needs Service."),
  rule(redirect, "Peer", peerAlone),
  rule(
    serviceResolver,
    "Redirect",
    ({ Redirect, Failover }) =>
      Redirect !== null && Object.keys(Failover).length > 0 && "Redirect and Failover exclude one another.",
  ),
];

/** Where it stays with the own service, a subset must be one of its own. */
const foreignSubset = (
  entry: ServiceResolver | null,
  { Service, ServiceSubset }: Omit<Place, "Datacenter" | "Peer">,
) =>
  entry !== null &&
  ServiceSubset !== "" &&
  (Service === "" || Service === entry.Name) &&
  !isSubset(entry, ServiceSubset) &&
  unknownSubset(ServiceSubset);

const failoverRules = [
  rule(serviceResolver, "Failover", (entry) =>
    Object.keys(entry.Failover).flatMap((name): Finding[] =>
      name === anySubset || isSubset(entry, name)
        ? []
        : [{ at: ["Failover", name], detail: unknownSubset(name) }],
    ),
  ),
  rule(
    failover,
    null,
    (given) => isEmpty(given) && "It says nothing: set Service, ServiceSubset, Datacenters or Targets.",
  ),
  rule(
    failover,
    "Targets",
    ({ Targets, ...others }) =>
      Targets.length > 0 && !isEmpty(others) && "Targets exclude Service, ServiceSubset and Datacenters.",
  ),
  rule(
    failover,
    "Datacenters",
    ({ Datacenters }) => Datacenters.includes("") && "The name of a datacenter is not empty.",
  ),
  rule(failover, "ServiceSubset", (given, place) => foreignSubset(place.around(serviceResolver), given)),
  rule(
    failoverTarget,
    null,
    (target) => isEmpty(target) && "It says nothing: set Service, Datacenter or Peer.",
  ),
  rule(failoverTarget, "Peer", peerAlone),
  rule(
    failoverTarget,
    "ServiceSubset",
    (target, place) => target.Peer === "" && foreignSubset(place.around(serviceResolver), target),
  ),
];

const loadBalancerRules = [
  rule(
    loadBalancer,
    "HashPolicies",
    ({ Policy, HashPolicies }) =>
      HashPolicies.length > 0 &&
      Policy !== "ring_hash" &&
      Policy !== "maglev" &&
      "Hash policies need the policy ring_hash or maglev.",
  ),
  rule(
    loadBalancer,
    "RingHashConfig",
    ({ Policy, RingHashConfig }) =>
      RingHashConfig !== null && Policy !== "ring_hash" && "It needs the policy ring_hash.",
  ),
  rule(
    loadBalancer,
    "LeastRequestConfig",
    ({ Policy, LeastRequestConfig }) =>
      LeastRequestConfig !== null && Policy !== "least_request" && "It needs the policy least_request.",
  ),
  rule(
    leastRequestConfig,
    "ChoiceCount",
    ({ ChoiceCount }) => ChoiceCount === 1 && "At least 2 instances are compared.",
  ),
  rule(
    ringHashConfig,
    "MaximumRingSize",
    ({ MinimumRingSize, MaximumRingSize }) =>
      MaximumRingSize > 0 && MaximumRingSize < MinimumRingSize && "It is at least MinimumRingSize.",
  ),
  rule(
    hashPolicy,
    "Field",
    ({ Field, SourceIP }) => (Field !== "") === SourceIP && "Exactly one of Field and SourceIP is needed.",
  ),
  rule(
    hashPolicy,
    "FieldValue",
    ({ Field, FieldValue }) =>
      (Field !== "") !== (FieldValue !== "") && "Field and FieldValue need one another.",
  ),
  rule(
    hashPolicy,
    "CookieConfig",
    ({ Field, CookieConfig }) =>
      CookieConfig !== null && Field !== "cookie" && 'It needs the field "cookie".',
  ),
  rule(
    cookieConfig,
    "Session",
    ({ Session, TTL }) =>
      Session && TTL !== 0 && "A session's cookie has no TTL: set one of Session and TTL.",
  ),
];

export const serviceResolverRules = [
  ...subsetRules,
  ...redirectRules,
  ...failoverRules,
  ...loadBalancerRules,
];
