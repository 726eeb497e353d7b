import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import { Cluster_LbPolicy, type ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import type { RouteAction_HashPolicySchema } from "#envoy/config/route/v3/route_components_pb.js";
import type { LoadBalancer } from "#model/config-entry/service-resolver.ts";
import { nanoseconds } from "./source.ts";

type ClusterPart = Pick<Exclude<MessageInitShape<typeof ClusterSchema>, Message>, "lbPolicy" | "lbConfig">;

const POLICIES = {
  "": Cluster_LbPolicy.ROUND_ROBIN,
  round_robin: Cluster_LbPolicy.ROUND_ROBIN,
  random: Cluster_LbPolicy.RANDOM,
  least_request: Cluster_LbPolicy.LEAST_REQUEST,
  ring_hash: Cluster_LbPolicy.RING_HASH,
  maglev: Cluster_LbPolicy.MAGLEV,
} as const;

/** How a cluster chooses among its instances. */
export function loadBalancing(loadBalancer: LoadBalancer | null): ClusterPart {
  if (loadBalancer === null) return {};
  const { Policy, RingHashConfig: ring, LeastRequestConfig: least } = loadBalancer;
  const lbPolicy = POLICIES[Policy];
  if (Policy === "ring_hash" && ring !== null) {
    const { MinimumRingSize: minimum, MaximumRingSize: maximum } = ring;
    const value = {
      ...(minimum > 0 && { minimumRingSize: BigInt(minimum) }),
      ...(maximum > 0 && { maximumRingSize: BigInt(maximum) }),
    };
    return { lbPolicy, lbConfig: { case: "ringHashLbConfig", value } };
  }
  if (Policy === "least_request" && least !== null && least.ChoiceCount > 0) {
    return {
      lbPolicy,
      lbConfig: { case: "leastRequestLbConfig", value: { choiceCount: least.ChoiceCount } },
    };
  }
  return { lbPolicy };
}

/** What of a request decides which instance answers it. */
export function hashPolicies(
  loadBalancer: LoadBalancer | null,
): MessageInitShape<typeof RouteAction_HashPolicySchema>[] {
  if (loadBalancer === null || !hashes(loadBalancer)) return [];
  return loadBalancer.HashPolicies.map((policy) => ({
    terminal: policy.Terminal,
    policySpecifier: specifier(policy),
  }));
}

/** Whether the same request always gets the same instance. */
export function hashes({ Policy }: LoadBalancer): boolean {
  return Policy === "ring_hash" || Policy === "maglev";
}

type Specifier = NonNullable<
  Exclude<MessageInitShape<typeof RouteAction_HashPolicySchema>, Message>["policySpecifier"]
>;

function specifier({
  Field,
  FieldValue,
  CookieConfig,
  SourceIP,
}: LoadBalancer["HashPolicies"][number]): Specifier {
  if (SourceIP) return { case: "connectionProperties", value: { sourceIp: true } };
  switch (Field) {
    case "header":
      return { case: "header", value: { headerName: FieldValue } };
    case "query_parameter":
      return { case: "queryParameter", value: { name: FieldValue } };
    case "cookie":
      return { case: "cookie", value: { name: FieldValue, ...cookie(CookieConfig) } };
    case "":
      return { case: undefined };
  }
}

/** A cookie of no time to live is made for the client's session; without a configuration none is made. */
function cookie(config: LoadBalancer["HashPolicies"][number]["CookieConfig"]) {
  if (config === null) return {};
  return {
    ...((config.Session || config.TTL > 0) && { ttl: nanoseconds(config.Session ? 0 : config.TTL) }),
    path: config.Path,
  };
}
