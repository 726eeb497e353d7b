import { type Diagnostic, hasErrors } from "./diagnostic.ts";
import { boolean, duration, integer, number, object, string, stringMap } from "./schema/builders.ts";
import { canonical } from "./schema/canonical.ts";
import { check, rule } from "./schema/check.ts";
import { decode } from "./schema/decode.ts";
import { hour } from "./schema/duration.ts";
import type { Value } from "./schema/schema.ts";

const unused = "Consul's; read and not used.";

const caSettings = object("Config of the authority", "Its keys and how long certificates are valid.", {
  LeafCertTTL: duration("Of proxies' certificates.", { default: 72 * hour, zeroIsAbsent: true }),
  RootCertTTL: duration("Of roots that are made here.", { default: 87_600 * hour, zeroIsAbsent: true }),
  IntermediateCertTTL: duration(
    "Of the authorities of secondary datacenters; in the primary one roots sign leaves themselves.",
    { default: 8760 * hour, zeroIsAbsent: true },
  ),
  PrivateKeyType: string("Of roots that are made here: `ec` or `rsa`.", {
    default: "ec",
    oneOf: ["ec", "rsa"],
  }),
  PrivateKeyBits: integer("256, 384 or 521 for `ec`; 2048 or 4096 for `rsa`."),
  PrivateKey: string("The key of an authority that was made elsewhere, PEM; never shown.", {
    maxLength: 64 * 1024,
  }),
  RootCert: string("Its certificate, then those above it up to the one that is to be trusted, PEM.", {
    maxLength: 256 * 1024,
  }),
  CSRMaxPerSecond: number(
    "The most certificates that are signed in a second; 0 sets no limit, and is the default.",
    {
      min: 0,
      max: 1e6,
    },
  ),
  CSRMaxConcurrent: integer(
    "The most that are signed at a time, where CSRMaxPerSecond is 0; 0 sets no limit.",
    {
      min: 0,
      max: 1e6,
    },
  ),
});

export const caConfiguration = object("CA configuration", "The authority that certifies every proxy.", {
  Provider: string("Always `consul`, the built-in one.", { default: "consul", oneOf: ["consul"] }),
  Config: caSettings,
  State: stringMap(unused),
  ForceWithoutCrossSigning: boolean(
    "Change the root although the old one does not vouch for the new one: handshakes fail until every proxy knows it.",
  ),
});

export type CaConfiguration = Value<typeof caConfiguration>;
export type CaSettings = Value<typeof caSettings>;

/** The keys that an authority may have, by type in bits: what Envoy verifies, and no weaker ones. */
export const KEY_SIZES: Readonly<Record<CaSettings["PrivateKeyType"], readonly number[]>> = {
  ec: [256, 384, 521],
  rsa: [2048, 4096],
};

const caConfigurationRules = [
  rule(
    caSettings,
    "PrivateKeyBits",
    ({ PrivateKeyType, PrivateKeyBits }) =>
      KEY_SIZES[PrivateKeyType]?.includes(PrivateKeyBits) === false &&
      `Expected one of ${KEY_SIZES[PrivateKeyType].join(", ")} for ${PrivateKeyType}.`,
  ),
  rule(caSettings, "LeafCertTTL", ({ LeafCertTTL }) => LeafCertTTL <= 0 && "Expected a time above zero."),
  rule(
    caSettings,
    "RootCertTTL",
    ({ RootCertTTL, LeafCertTTL }) => RootCertTTL < LeafCertTTL && "A root is valid longer than its leaves.",
  ),
];

/** The shortest and the longest life of a leaf that operators may set, in nanoseconds; Consul's. */
export const LEAF_LIFETIMES = { min: hour, max: 8760 * hour };

export interface ReadCaConfiguration {
  /** Null when one of the problems is an error. */
  readonly configuration: CaConfiguration | null;
  readonly problems: readonly Diagnostic[];
}

/** Reads a configuration that a client sent; what it leaves out has its default. */
export function readCaConfiguration(json: unknown): ReadCaConfiguration {
  const { value, problems } = decode(caConfiguration, withoutComputed(json), { lenient: true });
  if (hasErrors(problems)) return { configuration: null, problems };
  const read = canonical(caConfiguration, value);
  const [smallest = 0] = KEY_SIZES[read.Config.PrivateKeyType] ?? [];
  const Config = { ...read.Config, PrivateKeyBits: read.Config.PrivateKeyBits || smallest };
  const found = [...problems, ...check(caConfiguration, { ...read, Config }, caConfigurationRules)];
  return { configuration: hasErrors(found) ? null : { ...read, Config }, problems: found };
}

/** A configuration that was read is often sent back as it is. */
function withoutComputed(json: unknown): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const isAuthors = (key: string) => !["createindex", "modifyindex"].includes(key.toLowerCase());
  return Object.fromEntries(Object.entries(json).filter(([key]) => isAuthors(key)));
}
