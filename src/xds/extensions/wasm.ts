import { boolean, object, optional, string, stringMap, strings } from "#model/schema/builders.ts";
import { rule } from "#model/schema/check.ts";
import type { Value } from "#model/schema/schema.ts";
import { anyFromJson } from "../envoy-json.ts";
import { type ExtensionContext, extension } from "./extension.ts";
import { addHttpFilter, addNetworkFilter } from "./http-filters.ts";
import { onMachine, target, targetCluster } from "./service-target.ts";

const remote = object("Remote", "A file that the proxy fetches.", {
  HttpURI: object("HttpURI", "From where.", { ...target.fields, URI: string("`http://host:port/path`.") }),
  SHA256: string("The hash of its content, in hexadecimal."),
});

const code = object("Code", "The module.", {
  Local: optional(object("Local", "A file on the proxy's machine.", { Filename: string("Its path.") })),
  Remote: optional(remote),
});

const pluginConfig = object("PluginConfig", "The module, and what it is told.", {
  Name: string("The plugin's name."),
  RootID: string("Plugins with the same one share their root context."),
  VmConfig: object("VmConfig", "The machine that runs it.", {
    VmID: string(""),
    Runtime: string("", { default: "v8", oneOf: ["v8", "wamr", "wavm", "wasmtime"] }),
    Code: code,
    Configuration: string("What the machine is told at its start."),
    EnvironmentVariables: optional(
      object("EnvironmentVariables", "", { HostEnvKeys: strings(""), KeyValues: stringMap("") }),
    ),
  }),
  Configuration: string("What the plugin is told at its start."),
  FailOpen: boolean("Let requests pass when the module fails."),
});

const schema = object("builtin/wasm", "A WebAssembly module sees and changes requests or connections.", {
  ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy"] }),
  Protocol: string("", { default: "tcp", oneOf: ["tcp", "http"] }),
  ListenerType: string("", { default: "inbound", oneOf: ["inbound", "outbound"] }),
  PluginConfig: pluginConfig,
});

type PluginConfig = Value<typeof pluginConfig>;

const STRING = "type.googleapis.com/google.protobuf.StringValue";
const CLUSTER = "local_wasm";

const rules = [
  rule(
    code,
    null,
    ({ Local, Remote }) => (Local === null) === (Remote === null) && "Give one of Local and Remote.",
  ),
  rule(
    remote,
    "SHA256",
    ({ SHA256 }) => !/^[\da-f]{64}$/i.test(SHA256) && "64 hexadecimal digits are expected.",
  ),
  rule(remote, "HttpURI", ({ HttpURI: { Service, URI } }) => {
    if (!/^https?:\/\/[^/]+\/./.test(URI)) return "URI: expected http://host:port/path.";
    return Service === null && !onMachine(hostOf(URI)) && "URI: without a Service, the host is localhost.";
  }),
];

export const wasm = extension({
  schema,
  rules,
  apply: (resources, { Protocol, ListenerType, PluginConfig }, context) => {
    const { source, added } = codeSource(PluginConfig.VmConfig.Code, context);
    const plugin = pluginJson(PluginConfig, source);
    if (Protocol === "http") {
      const filter = anyFromJson("envoy.extensions.filters.http.wasm.v3.Wasm", { config: plugin });
      return [...addHttpFilter(resources, ListenerType, "envoy.filters.http.wasm", filter), ...added];
    }
    const filter = anyFromJson("envoy.extensions.filters.network.wasm.v3.Wasm", { config: plugin });
    return [...addNetworkFilter(resources, ListenerType, "envoy.filters.network.wasm", filter), ...added];
  },
});

function pluginJson({ Name, RootID, VmConfig, Configuration, FailOpen }: PluginConfig, source: object) {
  const environment = VmConfig.EnvironmentVariables;
  return {
    name: Name,
    root_id: RootID,
    fail_open: FailOpen,
    ...(Configuration !== "" && { configuration: { "@type": STRING, value: Configuration } }),
    vm_config: {
      vm_id: VmConfig.VmID,
      runtime: `envoy.wasm.runtime.${VmConfig.Runtime}`,
      code: source,
      ...(VmConfig.Configuration !== "" && {
        configuration: { "@type": STRING, value: VmConfig.Configuration },
      }),
      ...(environment && {
        environment_variables: {
          host_env_keys: environment.HostEnvKeys,
          key_values: environment.KeyValues,
        },
      }),
    },
  };
}

function codeSource({ Local, Remote }: Value<typeof code>, context: ExtensionContext) {
  if (Remote === null) return { source: { local: { filename: Local?.Filename ?? "" } }, added: [] };
  const { Service, URI, Timeout } = Remote.HttpURI;
  const { name, added } = targetCluster({ Service, URI: hostOf(URI), Timeout }, CLUSTER, false, context);
  const http_uri = { uri: URI, cluster: name, timeout: `${(Timeout || 1e9) / 1e9}s` };
  return { source: { remote: { http_uri, sha256: Remote.SHA256 } }, added };
}

function hostOf(uri: string): string {
  return /^https?:\/\/([^/]+)/.exec(uri)?.[1] ?? uri;
}
