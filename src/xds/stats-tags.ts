/** A tag that Envoy takes out of the names of statistics: the first group leaves the name, the second is the tag's value. */
export interface StatsTag {
  readonly tag_name: string;
  readonly regex: string;
}

/** Of `[hash~][subset.]service.namespace.datacenter.internal.<trust domain>.consul`; of a peer `.<peer>.external.`. */
const [DOT, SEGMENT] = ["\\.", "[^.]+"];
const ROUTING = "(?:in|ex)ternal";
const [INTERNAL, EXTERNAL, TAIL] = ["internal", "external", ROUTING].map(
  (routing) => `${routing}${DOT}${SEGMENT}${DOT}consul${DOT}`,
);

/**
 * Every Envoy tries each of them on some thousand names as it starts, which took it longer than its
 * configuration: they begin with fixed text, by which Envoy leaves out other names unlooked at, and say no more of
 * what they pass over than they must.
 */
const CLUSTER_PARTS: Readonly<Record<string, string>> = {
  custom_hash: `(?!passthrough~)([^.~]+)~${segments("3,4")}${TAIL}`,
  service_subset: `(?:[^.~]+~)?([^.~]+)${DOT}${segments("3")}${TAIL}`,
  service: `(?:${SEGMENT}${DOT})?(?:[^.~]+~)?([^.~]+)${DOT}${segments("2")}${TAIL}`,
  namespace: `${segments("1,2")}(${SEGMENT})${DOT}${SEGMENT}${DOT}${TAIL}`,
  datacenter: `${segments("2,3")}(${SEGMENT})${DOT}${INTERNAL}`,
  peer: `${segments("2,3")}(${SEGMENT})${DOT}${EXTERNAL}`,
  routing_type: `${segments("3,4")}((?:in|ex)ternal)${DOT}${SEGMENT}${DOT}consul${DOT}`,
  trust_domain: `${segments("3,4")}${ROUTING}${DOT}(${SEGMENT})${DOT}consul${DOT}`,
};

const UPSTREAM_PARTS = ["service", "namespace", "partition", "datacenter"];

/** How the parts of cluster and upstream names become tags, under the names that Consul gives them. */
export const STATS_TAGS: readonly StatsTag[] = [
  ...Object.entries(CLUSTER_PARTS).map(([part, pattern]) => ({
    tag_name: `consul.destination.${part}`,
    regex: `^cluster${DOT}(?:passthrough~)?(${pattern})`,
  })),
  ...["tcp", "http"].flatMap((kind) =>
    UPSTREAM_PARTS.map((part) => ({
      tag_name: `consul.upstream.${part}`,
      regex: `^${kind}${DOT}upstream${DOT}(${upstreamPattern(part)}${DOT})`,
    })),
  ),
];

function segments(count: string): string {
  return `(?:${SEGMENT}${DOT}){${count}}`;
}

/** `upstream.service.namespace.partition.datacenter`, one part captured. */
function upstreamPattern(captured: string): string {
  return UPSTREAM_PARTS.map((part) => (part === captured ? `(${SEGMENT})` : SEGMENT)).join(DOT);
}
