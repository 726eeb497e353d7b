import { isIP } from "node:net";
import type { CheckStatus } from "../catalog.ts";
import { type Protocol, protocols } from "../config-entry/protocol.ts";
import { integer, list, object, string, strings } from "../schema/builders.ts";
import { canonical } from "../schema/canonical.ts";
import { check } from "../schema/check.ts";
import { decode } from "../schema/decode.ts";
import type { ObjectSchema, Value } from "../schema/schema.ts";

/** What one mesh tells another. Everything of it is data of a stranger until it is read by {@link readTold}. */
export type Told =
  | ({ readonly kind: "bundle" } & ToldBundle)
  | { readonly kind: "gateways"; readonly gateways: readonly ToldGateway[] }
  | { readonly kind: "service"; readonly service: ToldService }
  | { readonly kind: "withdrawn"; readonly name: string }
  /** All that there is has been told since the stream began. */
  | { readonly kind: "complete" }
  | { readonly kind: "heartbeat" }
  /** The peering is no more. */
  | { readonly kind: "terminated" };

/** Whom to trust of the other mesh. */
export interface ToldBundle {
  readonly trustDomain: string;
  readonly datacenter: string;
  /** PEM, one certificate each. */
  readonly roots: readonly string[];
}

/** A mesh gateway, as others reach it. */
export interface ToldGateway {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly status: CheckStatus;
}

/** A service that may be called from the other mesh. */
export interface ToldService {
  readonly name: string;
  readonly protocol: Protocol;
  /** What its callers ask the gateways for. */
  readonly serverName: string;
  /** Who answers: the service itself, or those that it stands for. */
  readonly uris: readonly string[];
  readonly instances: readonly ToldInstance[];
}

export interface ToldInstance {
  readonly node: string;
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly status: CheckStatus;
}

const LIMITS = {
  roots: 16,
  gateways: 64,
  uris: 64,
  instances: 5000,
  text: 512,
  certificate: 16_384,
} as const;

const statuses = ["passing", "warning", "critical", "maintenance"] as const;
const text = () => string("", { maxLength: LIMITS.text });
const port = () => integer("", { min: 1, max: 65535 });
const status = () => string("", { default: "critical", oneOf: statuses });

const bundle = object("bundle", "", {
  trustDomain: text(),
  datacenter: text(),
  roots: list(string("", { maxLength: LIMITS.certificate }), ""),
});

const gateway = object("gateway", "", { id: text(), address: text(), port: port(), status: status() });
const gateways = object("gateways", "", { gateways: list(gateway, "") });

const instance = object("instance", "", {
  ...{ node: text(), id: text(), address: text(), port: integer("", { min: 0, max: 65535 }) },
  status: status(),
});

const service = object("service", "", {
  name: text(),
  protocol: string("", { default: "tcp", oneOf: protocols }),
  serverName: text(),
  uris: strings(""),
  instances: list(instance, ""),
});

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const DOMAIN = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/** What is not as it should be, in words. */
export class ToldError extends Error {}

/**
 * Reads one message of a peer of this trust domain. Nobody may speak for another mesh: every identity and every server
 * name is of its own. Throws a {@link ToldError}.
 */
export function readTold(bytes: Uint8Array, trustDomain: string): Told {
  const message = jsonOf(bytes);
  switch (message["kind"]) {
    case "heartbeat":
    case "complete":
    case "terminated":
      return { kind: message["kind"] };
    case "withdrawn":
      return { kind: "withdrawn", name: nameOf(message["name"]) };
    case "bundle":
      return { kind: "bundle", ...bundleOf(shaped(bundle, message), trustDomain) };
    case "gateways":
      return { kind: "gateways", gateways: gatewaysOf(shaped(gateways, message).gateways) };
    case "service":
      return { kind: "service", service: serviceOf(shaped(service, message["service"]), trustDomain) };
    default:
      throw new ToldError(`a message of the unknown kind "${String(message["kind"]).slice(0, 64)}"`);
  }
}

function jsonOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const message: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof message === "object" && message !== null) return message as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new ToldError("a message that is no JSON object");
}

function shaped<S extends ObjectSchema>(schema: S, json: unknown): Value<S> {
  if (typeof json !== "object" || json === null) throw new ToldError(`a ${schema.name} that is no object`);
  const known = Object.entries(json).filter(([key]) => Object.hasOwn(schema.fields, key));
  // What schemas leave to interpolation is not to be found here.
  if (JSON.stringify(known).includes("${")) throw new ToldError(`a ${schema.name} with "\${" in it`);
  const { value, problems } = decode(schema, Object.fromEntries(known));
  const whole = canonical(schema, value);
  const [wrong] = [...problems, ...check(schema, whole)];
  if (wrong !== undefined) throw new ToldError(`a ${schema.name} that cannot be read: ${wrong.detail}`);
  return whole;
}

function bundleOf(told: Value<typeof bundle>, trustDomain: string): ToldBundle {
  if (!DOMAIN.test(told.trustDomain) || told.trustDomain !== trustDomain)
    throw new ToldError(`roots of the trust domain "${told.trustDomain}", but the peer is "${trustDomain}"`);
  if (told.roots.length === 0 || told.roots.length > LIMITS.roots)
    throw new ToldError(`${told.roots.length} roots, where 1 to ${LIMITS.roots} are taken`);
  return told;
}

function gatewaysOf(told: Value<typeof gateways>["gateways"]): readonly ToldGateway[] {
  if (told.length > LIMITS.gateways) throw new ToldError(`more than ${LIMITS.gateways} gateways`);
  for (const { address } of told) {
    if (isIP(address) === 0) throw new ToldError(`a gateway whose address "${address}" is no IP address`);
  }
  return told;
}

function serviceOf(told: Value<typeof service>, trustDomain: string): ToldService {
  const name = nameOf(told.name);
  const own = `spiffe://${trustDomain}/`;
  if (told.instances.length > LIMITS.instances)
    throw new ToldError(`more than ${LIMITS.instances} instances of "${name}"`);
  if (told.uris.length === 0 || told.uris.length > LIMITS.uris)
    throw new ToldError(`${told.uris.length} identities for "${name}", where 1 to ${LIMITS.uris} are taken`);
  if (!told.uris.every((uri) => uri.startsWith(own) && uri.length <= LIMITS.text))
    throw new ToldError(`an identity for "${name}" that is not of "${trustDomain}"`);
  if (!told.serverName.endsWith(`.external.${trustDomain}`) || !DOMAIN.test(told.serverName.toLowerCase()))
    throw new ToldError(`a server name for "${name}" that is not of "${trustDomain}"`);
  return told;
}

function nameOf(name: unknown): string {
  if (typeof name === "string" && NAME.test(name)) return name;
  throw new ToldError(`"${String(name).slice(0, 64)}" is no name of a service`);
}
