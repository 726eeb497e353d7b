import { ClusterSchema } from "#envoy/config/cluster/v3/cluster_pb.js";
import { duration, list, object, optional, string } from "#model/schema/builders.ts";
import { rule } from "#model/schema/check.ts";
import type { Value } from "#model/schema/schema.ts";
import { messageFromJson } from "../envoy-json.ts";
import { type Resource, resource } from "../resource.ts";
import { onlyCluster } from "../resources/routes.ts";
import type { ExtensionContext } from "./extension.ts";

const targetService = object("Target Service", "One of the proxy's upstreams.", {
  Name: string("The service."),
  Namespace: string("Services have no namespaces of their own."),
  Partition: string("There are no partitions."),
});

/** A server that an extension asks: an upstream of the proxy, or a port of the task's own machine. */
export const target = object("Target", "The server that is asked.", {
  Service: optional(targetService),
  URI: string("`host:port` on the machine itself, such as `localhost:9191`."),
  Timeout: duration("How long an answer may take; 0 stands for 1s."),
});

export type Target = Value<typeof target>;

const metadata = object("InitialMetadata", "A header of each call.", { Key: string(""), Value: string("") });

export const grpcService = object("GrpcService", "A server that speaks gRPC.", {
  Target: target,
  Authority: string("The calls' authority; the cluster's name if not set."),
  InitialMetadata: list(metadata, "Headers of each call."),
});

export type GrpcService = Value<typeof grpcService>;

/** The cluster of a target, and what must be added for it to be there. */
export interface TargetCluster {
  readonly name: string;
  readonly added: readonly Resource[];
}

export function targetCluster(
  { Service, URI }: Target,
  localName: string,
  speaksGrpc: boolean,
  { proxy }: ExtensionContext,
): TargetCluster {
  if (Service !== null) {
    const chain = proxy.reached.find(({ service }) => service === Service.Name)?.chain ?? null;
    if (chain === null) {
      throw new Error(
        `Target.Service: "${Service.Name}" is no upstream of "${proxy.service}": add it to its proxy`,
      );
    }
    return { name: onlyCluster(chain), added: [] };
  }
  const place = onMachine(URI);
  if (place === null) throw new Error(notOnMachine(URI));
  return { name: localName, added: [localCluster(localName, place.address, place.port, speaksGrpc)] };
}

/** What must hold of the servers that an extension asks. */
export const targetRules = [
  rule(target, null, ({ Service, URI }) => {
    if ((Service === null) === (URI === "")) return "Give one of Service and URI.";
    return Service === null && onMachine(URI) === null && [{ at: ["URI"], detail: notOnMachine(URI) }];
  }),
  rule(targetService, "Name", ({ Name }) => Name === "" && "Name the service."),
];

export function grpcServiceJson(
  { Authority, InitialMetadata, Target: { Timeout } }: GrpcService,
  cluster: string,
) {
  return {
    envoy_grpc: { cluster_name: cluster, ...(Authority !== "" && { authority: Authority }) },
    initial_metadata: InitialMetadata.map(({ Key, Value }) => ({ key: Key, value: Value })),
    timeout: `${(Timeout || 1e9) / 1e9}s`,
  };
}

/** Only the own machine: what is elsewhere is reached as an upstream, through the mesh. */
export function onMachine(uri: string): { readonly address: string; readonly port: number } | null {
  const [, host = "", port = ""] = /^(?:https?:\/\/)?([^:/]+):(\d+)$/.exec(uri) ?? [];
  const address = host === "localhost" ? "127.0.0.1" : host;
  return address.startsWith("127.") ? { address, port: Number(port) } : null;
}

const notOnMachine = (uri: string) => `Expected localhost:<port> or 127.x.y.z:<port>, but found "${uri}".`;

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function localCluster(name: string, address: string, port: number, speaksGrpc: boolean): Resource {
  const message = messageFromJson(ClusterSchema, {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }] },
      ],
    },
    ...(speaksGrpc && {
      typed_extension_protocol_options: {
        [HTTP_OPTIONS]: {
          "@type": `type.googleapis.com/${HTTP_OPTIONS}`,
          explicit_http_config: { http2_protocol_options: {} },
        },
      },
    }),
  });
  return resource("cluster", name, ClusterSchema, message);
}
