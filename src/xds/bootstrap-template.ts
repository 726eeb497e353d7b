import { execute } from "#template/execute.ts";
import { builtinFunctions } from "#template/functions/builtin.ts";
import { parseTemplate } from "#template/parser.ts";
import type { Json } from "./bootstrap-config.ts";
import type { BootstrapOptions } from "./bootstrap-options.ts";

type Fields = { readonly [key: string]: Json };

/** What of a bootstrap a template can put somewhere else. */
export interface BootstrapPieces {
  /** But for that of the control plane, which a template writes itself. */
  readonly clusters: readonly Json[];
  readonly listeners: readonly Json[];
  readonly stats_config: Json;
  readonly fields: Fields;
}

const KEY = "envoy_bootstrap_json_tpl";

/**
 * A bootstrap of the user's own, in Go's template language, with the names that Consul's templates know. Throws an
 * error in words where the template is none, or what it gives is no JSON.
 */
export function bootstrapFromTemplate(
  text: string,
  options: BootstrapOptions,
  pieces: BootstrapPieces,
): Json {
  const written = execute(parsed(text), {
    functions: builtinFunctions,
    dot: valuesOf(options, pieces),
    failsOnMissingKey: true,
  });
  try {
    return JSON.parse(written) as Json;
  } catch (error) {
    throw new Error(`${KEY}: what it gives is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** What is wrong with a template, whatever proxy it is for; null when nothing is. */
export function bootstrapTemplateProblem(text: string): string | null {
  try {
    parsed(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const parsed = (text: string) => parseTemplate(KEY, text, { left: "{{", right: "}}" });

function valuesOf(options: BootstrapOptions, { clusters, listeners, stats_config, fields }: BootstrapPieces) {
  const { controlPlane, admin } = options;
  const address = controlPlane.kind === "address" ? controlPlane : null;
  return {
    ProxyCluster: options.service,
    ProxySourceService: options.service,
    ProxyID: options.proxyId,
    ...{ NodeName: "", Namespace: "default", Partition: "default", Datacenter: options.datacenter },
    LocalAgentClusterName: "local_agent",
    GRPC: {
      AgentAddress: address?.address ?? "",
      AgentPort: String(address?.port ?? ""),
      AgentSocket: controlPlane.kind === "socket" ? controlPlane.path : "",
      AgentTLS: address?.tls != null,
    },
    AgentCAPEM: (address?.tls?.roots ?? "").replaceAll("\n", "\\n"),
    Token: address?.token ?? "",
    ...{
      AdminBindAddress: admin.address,
      AdminBindPort: String(admin.port),
      AdminAccessLogPath: "/dev/null",
    },
    StaticClustersJSON: itemsOf(clusters),
    StaticListenersJSON: itemsOf(listeners),
    StaticSecretsJSON: "",
    StatsSinksJSON: fields["stats_sinks"] === undefined ? "" : JSON.stringify(fields["stats_sinks"]),
    StatsConfigJSON: JSON.stringify(fields["stats_config"] ?? stats_config),
    StatsFlushInterval: options.config.EnvoyStatsFlushInterval,
    TracingConfigJSON: fields["tracing"] === undefined ? "" : JSON.stringify(fields["tracing"]),
  };
}

/** Elements of a list, which the template puts between brackets. */
function itemsOf(list: readonly Json[]): string {
  return list.map((item) => JSON.stringify(item)).join(",\n");
}
