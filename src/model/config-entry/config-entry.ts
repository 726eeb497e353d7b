import { type Diagnostic, errorAt, hasErrors } from "../diagnostic.ts";
import { integer, opaque, string } from "../schema/builders.ts";
import { canonical } from "../schema/canonical.ts";
import { check, type Rule } from "../schema/check.ts";
import { decode } from "../schema/decode.ts";
import type { Input, ObjectSchema, Value } from "../schema/schema.ts";
import { suggestion } from "../spelling.ts";
import { type ApiGateway, apiGateway } from "./api-gateway.ts";
import { apiGatewayRules } from "./api-gateway-rules.ts";
import { fileSystemCertificateRules, inlineCertificateRules } from "./certificate-rules.ts";
import { type ExportedServices, exportedServices } from "./exported-services.ts";
import { exportedServicesRules } from "./exported-services-rules.ts";
import { type FileSystemCertificate, fileSystemCertificate } from "./file-system-certificate.ts";
import { headerModifiersRules } from "./header-modifiers.ts";
import { type HttpRoute, httpRoute } from "./http-route.ts";
import { httpRouteRules } from "./http-route-rules.ts";
import { type IngressGatewayEntry, ingressGateway } from "./ingress-gateway.ts";
import { ingressGatewayRules } from "./ingress-gateway-rules.ts";
import { type InlineCertificate, inlineCertificate } from "./inline-certificate.ts";
import { type JwtProvider, jwtProvider } from "./jwt-provider.ts";
import { jwtProviderRules } from "./jwt-provider-rules.ts";
import { type MeshEntry, mesh } from "./mesh.ts";
import { meshRules } from "./mesh-rules.ts";
import { metaProblems } from "./meta.ts";
import { type ProxyDefaults, proxyDefaults, proxyDefaultsRules } from "./proxy-defaults.ts";
import { proxySettingsRules } from "./proxy-settings-rules.ts";
import { type ServiceDefaults, serviceDefaults } from "./service-defaults.ts";
import { serviceDefaultsRules } from "./service-defaults-rules.ts";
import { type ServiceIntentions, serviceIntentions } from "./service-intentions.ts";
import { serviceIntentionsRules } from "./service-intentions-rules.ts";
import { type ServiceResolver, serviceResolver } from "./service-resolver.ts";
import { serviceResolverRules } from "./service-resolver-rules.ts";
import { type ServiceRouter, serviceRouter } from "./service-router.ts";
import { serviceRouterRules } from "./service-router-rules.ts";
import { type ServiceSplitter, serviceSplitter } from "./service-splitter.ts";
import { serviceSplitterRules } from "./service-splitter-rules.ts";
import { type TcpRoute, tcpRoute } from "./tcp-route.ts";
import { tcpRouteRules } from "./tcp-route-rules.ts";
import { type TerminatingGatewayEntry, terminatingGateway } from "./terminating-gateway.ts";
import { terminatingGatewayRules } from "./terminating-gateway-rules.ts";

export type { Protocol } from "./protocol.ts";
export type {
  ApiGateway,
  ExportedServices,
  FileSystemCertificate,
  HttpRoute,
  IngressGatewayEntry,
  InlineCertificate,
  JwtProvider,
  MeshEntry,
  ProxyDefaults,
  ServiceDefaults,
  ServiceIntentions,
  ServiceResolver,
  ServiceRouter,
  ServiceSplitter,
  TcpRoute,
  TerminatingGatewayEntry,
};

/** Every kind of entry, by its name. */
export interface ConfigEntries {
  readonly "proxy-defaults": ProxyDefaults;
  readonly "service-defaults": ServiceDefaults;
  readonly "service-router": ServiceRouter;
  readonly "service-splitter": ServiceSplitter;
  readonly "service-resolver": ServiceResolver;
  readonly "service-intentions": ServiceIntentions;
  readonly "jwt-provider": JwtProvider;
  readonly mesh: MeshEntry;
  readonly "exported-services": ExportedServices;
  readonly "ingress-gateway": IngressGatewayEntry;
  readonly "terminating-gateway": TerminatingGatewayEntry;
  readonly "api-gateway": ApiGateway;
  readonly "http-route": HttpRoute;
  readonly "tcp-route": TcpRoute;
  readonly "inline-certificate": InlineCertificate;
  readonly "file-system-certificate": FileSystemCertificate;
}

export type ConfigKind = keyof ConfigEntries;

/** The mesh's configuration as its users write it: Consul's config entries, by kind and name. */
export type ConfigEntry = ConfigEntries[ConfigKind];

interface KindDefinition {
  readonly schema: ObjectSchema;
  readonly rules: readonly Rule[];
}

export const configKinds: Readonly<Record<ConfigKind, KindDefinition>> = {
  "proxy-defaults": { schema: proxyDefaults, rules: proxyDefaultsRules },
  "service-defaults": { schema: serviceDefaults, rules: serviceDefaultsRules },
  "service-router": { schema: serviceRouter, rules: serviceRouterRules },
  "service-splitter": { schema: serviceSplitter, rules: serviceSplitterRules },
  "service-resolver": { schema: serviceResolver, rules: serviceResolverRules },
  "service-intentions": { schema: serviceIntentions, rules: serviceIntentionsRules },
  "jwt-provider": { schema: jwtProvider, rules: jwtProviderRules },
  mesh: { schema: mesh, rules: meshRules },
  "exported-services": { schema: exportedServices, rules: exportedServicesRules },
  "ingress-gateway": { schema: ingressGateway, rules: ingressGatewayRules },
  "terminating-gateway": { schema: terminatingGateway, rules: terminatingGatewayRules },
  "api-gateway": { schema: apiGateway, rules: apiGatewayRules },
  "http-route": { schema: httpRoute, rules: httpRouteRules },
  "tcp-route": { schema: tcpRoute, rules: tcpRouteRules },
  "inline-certificate": { schema: inlineCertificate, rules: inlineCertificateRules },
  "file-system-certificate": { schema: fileSystemCertificate, rules: fileSystemCertificateRules },
};

export function isConfigKind(text: string): text is ConfigKind {
  return Object.hasOwn(configKinds, text);
}

/** `entry` is null when one of the problems is an error. */
export interface ReadEntry {
  readonly entry: ConfigEntry | null;
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads an entry that a client sent: keys in CamelCase or snake_case, durations as text or nanoseconds,
 * unknown keys refused. What Envoy or the mesh would not take is a problem here, before anything is written.
 */
export function readConfigEntry(json: unknown): ReadEntry {
  const kind = knownKind(kindOf(json));
  if (typeof kind !== "string") return { entry: null, problems: [kind] };
  const { value, problems } = decode(receivedSchemas[kind], json, { lenient: true });
  if (hasErrors(problems)) return { entry: null, problems };
  const { entry, problems: found } = completeEntry(kind, value);
  return { entry, problems: [...problems, ...found] };
}

/** The kind that an entry names, or what is wrong with the name. */
export function knownKind(kind: string | null): ConfigKind | Diagnostic {
  if (kind === null) {
    const detail = 'A config entry is an object with the keys "Kind" and "Name".';
    return errorAt([], "Payload does not contain a kind/Kind key at the top level", detail);
  }
  if (isConfigKind(kind)) return kind;
  const known = Object.keys(configKinds);
  const detail = `Known kinds are ${known.join(", ")}.${suggestion(kind, known)}`;
  return errorAt(["Kind"], `invalid config entry kind: ${kind}`, detail);
}

/** Of parts that several kinds have. */
const partRules = [...headerModifiersRules, ...proxySettingsRules];

/** An entry as it was decoded by {@link receivedSchemas}, completed and checked. */
export function completeEntry(kind: ConfigKind, decoded: Received): ReadEntry {
  const { schema, rules } = configKinds[kind];
  const entry = canonical(schema, decoded as Input<Value<typeof schema>>) as ConfigEntry;
  const problems = [
    ...nameProblems(entry.Name),
    ...tenancyProblems(decoded),
    ...metaProblems(entry.Meta),
    ...check(schema, entry, [...partRules, ...rules]),
  ];
  return { entry: hasErrors(problems) ? null : entry, problems };
}

function kindOf(json: unknown): string | null {
  if (typeof json !== "object" || json === null) return null;
  const kind = Object.entries(json).find(([key]) => key.toLowerCase() === "kind")?.[1];
  return typeof kind === "string" ? kind : null;
}

/** An entry that was read is often sent back as it is: these are the store's, not its author's. */
const storesFields = {
  CreateIndex: integer(""),
  ModifyIndex: integer(""),
  Hash: integer(""),
  Namespace: string(""),
  Partition: string(""),
  Status: opaque(""),
};

type Received = Input<Value<ObjectSchema<typeof storesFields>>>;

/** What an entry of a kind may look like when it comes in. */
export const receivedSchemas = Object.fromEntries(
  Object.entries(configKinds).map(([kind, { schema }]) => [
    kind,
    { ...schema, fields: { ...schema.fields, ...storesFields } },
  ]),
) as Readonly<Record<ConfigKind, ObjectSchema<typeof storesFields>>>;

const longestName = 253;

/** Names become parts of server names and of names in Envoy. */
function nameProblems(name: string): Diagnostic[] {
  if (name === "") return [errorAt(["Name"], "Missing name", "Every config entry has a Name.")];
  if (name.length > longestName)
    return [errorAt(["Name"], "Invalid name", `A name has at most ${longestName} characters.`)];
  return /^[!-~]+$/.test(name)
    ? []
    : [errorAt(["Name"], "Invalid name", "A name has letters, digits and signs, but no spaces.")];
}

function tenancyProblems({ Namespace, Partition }: Received): Diagnostic[] {
  return Object.entries({ Namespace, Partition })
    .filter(([, name]) => name !== undefined && name !== null && name !== "" && name !== "default")
    .map(([field, name]) =>
      errorAt(
        [field],
        "Not supported",
        `There is but one, "default"; "${name}" would need Consul Enterprise.`,
      ),
    );
}
