import { boolean, object, string } from "#model/schema/builders.ts";
import { rule } from "#model/schema/check.ts";
import { anyFromJson, resourceFromJson } from "../envoy-json.ts";
import type { Resource } from "../resource.ts";
import { extension } from "./extension.ts";
import { addHttpFilterTowards } from "./http-filters.ts";
import { leadsTo } from "./resource-direction.ts";

const ARN = /^arn:aws[\w-]*:lambda:([\w-]+):\d+:function:[\w:$-]+$/;

const schema = object("builtin/aws/lambda", "Requests to the service invoke a function of AWS Lambda.", {
  ProxyType: string("Of either kind of caller, whatever is written.", { default: "" }),
  ARN: string("The function's name, such as `arn:aws:lambda:us-east-1:111111111111:function:hello`."),
  PayloadPassthrough: boolean("Hand requests and answers on as they are, not as events in JSON."),
  InvocationMode: string("Whether an answer is waited for.", {
    default: "synchronous",
    oneOf: ["synchronous", "asynchronous"],
  }),
});

const FILTER = "envoy.extensions.filters.http.aws_lambda.v3.Config";

/** It stands in the service's own defaults, and is carried out by the proxies that call it. */
export const lambda = extension({
  schema,
  rules: [
    rule(
      schema,
      "ARN",
      ({ ARN: arn }) => !ARN.test(arn) && "Expected arn:aws:lambda:<region>:<account>:function:<name>.",
    ),
  ],
  apply: (resources, { ARN: arn, PayloadPassthrough, InvocationMode }, { callee }) => {
    if (callee === null) return resources;
    const filter = anyFromJson(FILTER, {
      arn,
      payload_passthrough: PayloadPassthrough,
      invocation_mode: InvocationMode.toUpperCase(),
    });
    const [, region = ""] = ARN.exec(arn) ?? [];
    const invoking = addHttpFilterTowards(resources, callee, "envoy.filters.http.aws_lambda", filter);
    return invoking.flatMap((one) => {
      if (!leadsTo(one, callee)) return [one];
      if (one.kind === "endpoints") return [];
      return [one.kind === "cluster" ? endpointOfRegion(one.name, region) : one];
    });
  },
});

/** The filter signs only what goes to a cluster that is marked so. */
function endpointOfRegion(name: string, region: string): Resource {
  const address = `lambda.${region}.amazonaws.com`;
  return resourceFromJson("cluster", name, "envoy.config.cluster.v3.Cluster", {
    name,
    connect_timeout: "5s",
    type: "LOGICAL_DNS",
    dns_lookup_family: "V4_ONLY",
    metadata: { filter_metadata: { "com.amazonaws.lambda": { egress_gateway: true } } },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: 443 } } } }] },
      ],
    },
    transport_socket: {
      name: "envoy.transport_sockets.tls",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        sni: address,
      },
    },
  });
}
